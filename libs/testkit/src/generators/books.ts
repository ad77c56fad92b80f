import { type Book, booksXml } from './book-xml.ts'
import { isoTime } from './iso-time.ts'
import { makePools, type Pools } from './pools.ts'
import { SeededRandom } from './random.ts'
import { Ring } from './ring.ts'

export interface BooksOptions {
  /** The same seed gives the same messages, byte for byte. Default 1. */
  readonly seed?: number
  /** Share of messages that have something wrong: half are not well-formed, half have a book whose year is none or implausible. */
  readonly bad?: number
  /** Share of repeats: half are whole messages sent again, half are earlier books inside new messages. */
  readonly duplicates?: number
  /** First day of the 30 days that `added` is spread over, in ms since the epoch. Default 2026-01-01. */
  readonly start_ms?: number
}

/** What is true of a message, for ledgers and oracles. */
export interface BooksTruth {
  /** `malformed`: no book of it can be read; `bad_year`: one book's year is no number or no plausible one, the others are valid. */
  readonly kind: 'good' | 'bad_year' | 'malformed'
  /** Books that a correct reader takes, repeats included. */
  readonly valid: readonly Book[]
  /** record_id of the book with the bad year. */
  readonly rejected: readonly string[]
}

export interface BooksMessage {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly truth: BooksTruth
}

const DAY_MS = 86_400_000
const SPREAD_MS = 30 * DAY_MS
const DEFAULT_START_MS = Date.UTC(2026, 0, 1)
/** What no pipeline should take: no numbers, and numbers outside of 1450 to 2100. */
const BAD_YEARS = ['unknown', 'MCMXCIV', 'c. 1887', '12345678901234567890', '2001-05', '1066', '3021', '99'] as const

/** Endless books messages: `<library>` with 1 to 5 `<book>`, keyed by a uuid. */
export function* books(options: BooksOptions = {}): Generator<BooksMessage, never, void> {
  const { seed = 1, bad = 0, duplicates = 0, start_ms = DEFAULT_START_MS } = options
  const random = new SeededRandom(seed)
  const pools = makePools(seed)
  const earlierBooks = new Ring<Book>(2_000)
  const earlierMessages = new Ring<BooksMessage>(200)
  for (;;) {
    if (random.next() < duplicates / 2 && earlierMessages.size > 0) {
      yield earlierMessages.pick(random)
      continue
    }
    const valid = Array.from({ length: 1 + random.below(5) }, () =>
      random.next() < duplicates / 2 && earlierBooks.size > 0
        ? earlierBooks.pick(random)
        : makeBook(random, pools, start_ms),
    )
    const message = makeMessage(random, valid, bad)
    if (message.truth.kind === 'good') {
      for (const book of valid) earlierBooks.add(book)
      earlierMessages.add(message)
    }
    yield message
  }
}

const makeBook = (random: SeededRandom, pools: Pools, start_ms: number): Book => ({
  record_id: random.uuid(),
  title: random.pick(pools.titles),
  author: { name: random.pick(pools.names), country: random.pick(pools.countries) },
  publication_year: 1900 + random.below(126),
  added: isoTime(start_ms + Math.floor(random.next() * SPREAD_MS)),
})

const makeMessage = (random: SeededRandom, valid: readonly Book[], bad: number): BooksMessage => {
  const key = Buffer.from(random.uuid())
  const draw = random.next()
  if (draw >= bad) return { key, value: Buffer.from(booksXml(valid)), truth: { kind: 'good', valid, rejected: [] } }
  if (draw < bad / 2) {
    const value = spoil(random, Buffer.from(booksXml(valid)))
    return { key, value, truth: { kind: 'malformed', valid: [], rejected: [] } }
  }
  // The spoiled book is a new one, so that its id is never that of a valid row.
  const struck = random.below(valid.length)
  const record_id = random.uuid()
  const spoiled = valid.map((book, i) =>
    i === struck ? { ...book, record_id, publication_year: random.pick(BAD_YEARS) } : book,
  )
  const rest = valid.filter((_, i) => i !== struck)
  return { key, value: Buffer.from(booksXml(spoiled)), truth: { kind: 'bad_year', valid: rest, rejected: [record_id] } }
}

/** What comes out is no XML: cut short, a tag closed by another, binary, or nothing at all. */
const spoil = (random: SeededRandom, value: Buffer): Buffer => {
  switch (random.below(4)) {
    case 0:
      return value.subarray(0, 1 + random.below(value.length - 12))
    case 1:
      return Buffer.from(value.toString().replace('</author>', '</autor>'))
    case 2:
      return Buffer.from(Array.from({ length: 40 + random.below(200) }, () => 128 + random.below(128)))
    default:
      return Buffer.alloc(0)
  }
}
