import type { Positions } from '../../core/positions.ts'
import type { SourceReader } from '../../sources/port.ts'
import type { Entry } from './entry.ts'
import type { Pump } from './pump.ts'

/** One source of a feed with its pump, and how far its records have been handed out. */
export class Channel {
  readonly topic: string
  readonly source: SourceReader
  readonly pump: Pump
  readonly #taken: Map<number, bigint>
  readonly #latest: Map<number, bigint>

  constructor(
    topic: string,
    source: SourceReader,
    pump: Pump,
    start: ReadonlyMap<number, bigint>,
    latest: ReadonlyMap<number, bigint>,
  ) {
    this.topic = topic
    this.source = source
    this.pump = pump
    this.#taken = new Map(start)
    this.#latest = new Map(latest)
  }

  take(): Entry | undefined {
    const entry = this.pump.shift()
    if (entry !== undefined) this.#taken.set(entry.partition, entry.end)
    return entry
  }

  positions(): Readonly<Record<string, string>> {
    return asRecord(this.#taken)
  }

  latest(): Readonly<Record<string, string>> {
    for (const [partition, offset] of this.pump.latest) this.#latest.set(partition, offset)
    return asRecord(this.#latest)
  }

  /** Has everything below `until` been read, or even handed out? Partitions that `until` does not name have no end. */
  reached(until: Positions, where: 'read' | 'taken'): boolean {
    const stops = Object.entries(until[this.topic] ?? {})
    return stops.every(([partition, stop]) => {
      const taken = this.#taken.get(Number(partition)) ?? 0n
      const ready = where === 'taken' ? undefined : this.pump.ready.findLast((e) => e.partition === Number(partition))
      return (ready?.end ?? taken) >= BigInt(stop)
    })
  }
}

const asRecord = (positions: ReadonlyMap<number, bigint>): Readonly<Record<string, string>> =>
  Object.fromEntries([...positions].map(([partition, offset]) => [String(partition), String(offset)]))

export const asMap = (positions: Readonly<Record<string, string>>): ReadonlyMap<number, bigint> =>
  new Map(Object.entries(positions).map(([partition, offset]) => [Number(partition), BigInt(offset)]))
