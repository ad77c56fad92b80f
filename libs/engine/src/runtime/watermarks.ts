import { type Positions, positionOf } from '../core/positions.ts'
import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { FeedBatch } from './feed-port.ts'

export type RecordTimes = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Record time by stream and partition, and the watermark of each stream: the minimum, over its active partitions, of
 * their greatest record time. A partition is active while it has records that were not read yet, or had some in the
 * newest batch; one that has records and none of them was read yet holds the watermark back altogether. Watermarks
 * never go back and never pass `batchTime_ms + future_ms_max`: one record from the year 3000 must not empty the state.
 */
export class Watermarks {
  readonly #streams: ConsumptionPlan['streams']
  readonly #future_ms_max: number
  #times: Map<string, Map<string, number>>
  readonly #marks = new Map<string, number>()

  constructor(streams: ConsumptionPlan['streams'], committed: RecordTimes | undefined, future_ms_max: number) {
    this.#streams = streams
    this.#future_ms_max = future_ms_max
    this.#times = new Map(
      Object.entries(committed ?? {}).map(([stream, times]) => [stream, new Map(Object.entries(times))]),
    )
  }

  /** Watermarks after all batches that were observed, capped by the time of the batch that is about to run. */
  current(batchTime_ms: number): Readonly<Record<string, number>> {
    const cap = batchTime_ms + this.#future_ms_max
    return Object.fromEntries([...this.#marks].map(([stream, mark]) => [stream, Math.min(mark, cap)]))
  }

  /** The greatest record times so far, as a commit keeps them. */
  recordTimes(): RecordTimes {
    return Object.fromEntries([...this.#times].map(([stream, times]) => [stream, Object.fromEntries(times)]))
  }

  /** Takes in a batch: times move at once, watermarks for the batches after it. */
  observe(batch: FeedBatch): void {
    const fresh = new Set<string>()
    for (const segment of batch.segments) {
      const stream = this.#streams[segment.stream]?.name
      if (stream === undefined || segment.timestamp_ms_max === undefined) continue
      const times = this.#times.get(stream) ?? new Map<string, number>()
      this.#times.set(stream, times)
      const partition = String(segment.partition)
      times.set(partition, Math.max(times.get(partition) ?? Number.NEGATIVE_INFINITY, segment.timestamp_ms_max))
      fresh.add(`${stream}\n${partition}`)
    }
    for (const { name, source } of this.#streams) this.#advance(name, source.topic, batch, fresh)
  }

  #advance(stream: string, topic: string, batch: FeedBatch, fresh: ReadonlySet<string>): void {
    let mark = Number.POSITIVE_INFINITY
    for (const partition of Object.keys(batch.latest[topic] ?? {})) {
      if (!fresh.has(`${stream}\n${partition}`) && !hasUnread(batch, topic, partition)) continue
      const time = this.#times.get(stream)?.get(partition)
      if (time === undefined) return
      mark = Math.min(mark, time)
    }
    if (mark === Number.POSITIVE_INFINITY) return
    this.#marks.set(stream, Math.max(mark, this.#marks.get(stream) ?? Number.NEGATIVE_INFINITY))
  }
}

const hasUnread = (batch: FeedBatch, topic: string, partition: string): boolean => {
  const latest = positionOf(batch.latest, topic, Number(partition))
  return latest !== undefined && (positionOf(batch.end, topic, Number(partition)) ?? 0n) < latest
}

/** Messages (offsets, gaps included) between two positions; partitions that `to` does not name count nothing. */
export const distance = (from: Positions, to: Positions): number => {
  let total = 0n
  for (const [topic, partitions] of Object.entries(to)) {
    for (const [partition, offset] of Object.entries(partitions)) {
      const behind = BigInt(offset) - (positionOf(from, topic, Number(partition)) ?? 0n)
      if (behind > 0n) total += behind
    }
  }
  return Number(total)
}
