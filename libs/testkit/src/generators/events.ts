import { makePools } from './pools.ts'
import { SeededRandom } from './random.ts'
import { Ring } from './ring.ts'

export interface EventsOptions {
  readonly seed?: number
  /** Share of messages that are no JSON. */
  readonly bad?: number
  /** Share of messages that are sent again. */
  readonly duplicates?: number
  /** Time of the first event, in ms since the epoch; each next one is a little later. Default 2026-01-01. */
  readonly start_ms?: number
}

export interface EventsMessage {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly truth: { readonly kind: 'good' | 'malformed'; readonly event_id: string }
}

const KINDS = ['view', 'search', 'add_to_cart', 'purchase', 'refund'] as const

/** Endless JSON events of ten fields and about 310 bytes, keyed by user. */
export function* events(options: EventsOptions = {}): Generator<EventsMessage, never, void> {
  const { seed = 1, bad = 0, duplicates = 0, start_ms = Date.UTC(2026, 0, 1) } = options
  const random = new SeededRandom(seed)
  const pools = makePools(seed)
  const earlier = new Ring<EventsMessage>(1_000)
  let time_ms = start_ms
  for (;;) {
    if (earlier.size > 0 && random.next() < duplicates) {
      yield earlier.pick(random)
      continue
    }
    time_ms += random.below(50)
    const event_id = random.uuid()
    const user_id = `user-${String(random.below(100_000)).padStart(6, '0')}`
    const text = JSON.stringify({
      event_id,
      user_id,
      kind: random.pick(KINDS),
      at: new Date(time_ms).toISOString(),
      product: random.pick(pools.products),
      quantity: 1 + random.below(9),
      amount: Math.floor(random.next() * 1_000_000) / 100,
      customer: { email: random.pick(pools.emails), city: random.pick(pools.cities) },
      session: random.uuid(),
      mobile: random.next() < 0.5,
    })
    const malformed = random.next() < bad
    const value = Buffer.from(malformed ? text.slice(0, -1 - random.below(text.length - 2)) : text)
    const kind = malformed ? 'malformed' : 'good'
    const message = { key: Buffer.from(user_id), value, truth: { kind, event_id } } as const
    if (!malformed) earlier.add(message)
    yield message
  }
}
