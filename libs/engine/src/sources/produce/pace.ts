import { setTimeout as sleep } from 'node:timers/promises'
import type { Messages, ProduceMessage, ProduceOptions } from './message.ts'

/** How often a limited rate is let through. */
const TICK_MS = 50
/** Without a rate: after so many messages other work of this thread gets its turn. */
const BURST_MESSAGES = 1_000

/**
 * The messages in bursts, as fast as `rate` allows, at most `count`, until the signal fires. A burst is at most 1,000
 * messages; time that was lost is caught up with.
 */
export async function* inBursts(
  messages: Messages,
  options: ProduceOptions,
): AsyncGenerator<readonly ProduceMessage[]> {
  const { rate, count = Number.POSITIVE_INFINITY, signal } = options
  const begun = performance.now()
  let sent = 0
  let burst: ProduceMessage[] = []
  const due = (): number =>
    rate === undefined ? sent + BURST_MESSAGES : Math.floor(((performance.now() - begun + TICK_MS) / 1_000) * rate)
  let target = due()
  for await (const message of count > 0 ? messages : []) {
    burst.push(message)
    sent++
    if (sent >= count || signal?.aborted) break
    if (sent < target && burst.length < BURST_MESSAGES) continue
    yield burst
    burst = []
    target = due()
    while (rate !== undefined && sent >= target && !signal?.aborted) {
      await sleep(TICK_MS, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => undefined)
      target = due()
    }
    if (signal?.aborted) return
  }
  if (burst.length > 0) yield burst
}
