import { setImmediate as nextTurn } from 'node:timers/promises'
import { MillraceError } from '../../core/errors/index.ts'
import type { Limits } from '../../core/limits.ts'
import type { FetchedRecords, SourceReader } from '../../sources/port.ts'
import { AbortFilter, offsetAfter, RecordSpans, scanRecordBatches } from '../../sources/record-batch/index.ts'
import type { Budget } from './budget.ts'
import type { Entry } from './entry.ts'
import type { Lending } from './lending.ts'
import type { RunDecoder } from './run-decoder.ts'
import type { Signal } from './signal.ts'

/**
 * What one fetch round brings over all partitions. The first is small, so that the first batch comes soon; each next one
 * is twice as large, up to a limit: what is fetched and not yet scanned is memory, too.
 */
const ROUND_BYTES_FIRST = 1024 * 1024
const ROUND_BYTES_MAX = 2 * 1024 * 1024
const PARTITION_BYTES_MIN = 256 * 1024

export interface PumpParts {
  readonly topic: string
  readonly onDataLoss: 'fail' | 'skip'
  readonly source: SourceReader
  readonly decoder: RunDecoder
  readonly budget: Budget
  readonly lending: Lending
  readonly limits: Limits
  /** Number of sources that share the budget. */
  readonly sources: number
  /** Notified whenever there is something new to see. */
  readonly changed: Signal
  readonly onTrouble: (message: string | undefined) => void
  readonly signal: AbortSignal
}

/** Reads one source ahead, while the batch before is executed: fetch, scan, decode, until the budget is full. */
export class Pump {
  /** What waits to be taken, in the order in which it was read. */
  readonly ready: Entry[] = []
  readonly latest = new Map<number, bigint>()
  /** What stopped it; the pump does not go on after an error. */
  error: unknown
  /** True while a fetched round is being scanned. */
  busy = false
  fetch_ms = 0
  scan_ms = 0
  readonly #parts: PumpParts
  readonly #positions: Map<number, bigint>
  readonly #table = new RecordSpans()
  #until: ReadonlyMap<number, bigint> | undefined
  #readyBytes = 0
  #readyRows = 0
  #round_bytes = ROUND_BYTES_FIRST
  #running: Promise<void> | undefined

  constructor(parts: PumpParts, positions: ReadonlyMap<number, bigint>) {
    this.#parts = parts
    this.#positions = new Map(positions)
  }

  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => {
      this.busy = false
      this.error = error
      this.#parts.changed.notify()
    })
  }

  /** Resolves when the loop has ended, after the signal fired. */
  async stopped(): Promise<void> {
    await this.#running
  }

  /** From now on stop at these offsets. What was read ahead past one is put back. */
  setUntil(until: ReadonlyMap<number, bigint> | undefined): void {
    this.#until = until
    for (const [partition, stop] of until ?? []) {
      const position = this.#positions.get(partition)
      if (position !== undefined && position > stop) this.#putBack(partition, stop)
    }
  }

  #putBack(partition: number, stop: bigint): void {
    const kept = this.ready.filter((entry) => entry.partition !== partition || entry.end <= stop)
    const back = this.ready.filter((entry) => !kept.includes(entry))
    const first = back[0]
    if (first === undefined) return
    for (const entry of back) {
      this.#count(entry, -1)
      for (const { id } of entry.segments) this.#parts.lending.discard(id)
    }
    this.ready.splice(0, this.ready.length, ...kept)
    this.#positions.set(partition, first.start)
  }

  /** Hands out the entry that was read first. */
  shift(): Entry | undefined {
    const entry = this.ready.shift()
    if (entry !== undefined) this.#count(entry, -1)
    return entry
  }

  #push(entry: Entry): void {
    this.ready.push(entry)
    this.#count(entry, 1)
    this.#positions.set(entry.partition, entry.end)
  }

  #count(entry: Entry, sign: 1 | -1): void {
    this.#readyBytes += sign * entry.bytes
    this.#readyRows += sign * entry.rows
    this.#parts.budget.readyBytes += sign * entry.bytes
    this.#parts.budget.readyRows += sign * entry.rows
  }

  async #run(): Promise<void> {
    const { changed, signal } = this.#parts
    let inFlight = this.#fetch(new Map())
    while (!signal.aborted) {
      const begun = performance.now()
      const fetched = await inFlight
      this.fetch_ms += performance.now() - begun
      if (signal.aborted) return
      if (fetched instanceof Error) {
        await this.#recover(fetched)
        inFlight = this.#fetch(new Map())
        continue
      }
      if (fetched.length === 0) {
        // Nobody is told: the next fetch would wake itself and never let another task of this thread run.
        inFlight = this.#fetch(new Map())
        continue
      }
      // The next round is asked for before this one is scanned, so that brokers and network work meanwhile.
      const ahead = new Map(fetched.map(({ partition, bytes }) => [partition, offsetAfter(bytes)] as const))
      const early = this.#hasRoom() ? this.#fetch(ahead) : undefined
      this.busy = true
      await this.#scanRound(fetched)
      this.busy = false
      changed.notify()
      while (early === undefined && !this.#hasRoom() && !signal.aborted) await changed.wait()
      inFlight = early ?? this.#fetch(new Map())
    }
  }

  #hasRoom(): boolean {
    const own = { bytes: this.#readyBytes, rows: this.#readyRows }
    return this.#parts.budget.hasRoom(own, this.#parts.sources)
  }

  /** Never rejects, since it is awaited late. Waits while all partitions have reached their stop. */
  async #fetch(ahead: ReadonlyMap<number, bigint | undefined>): Promise<readonly FetchedRecords[] | Error> {
    const { source, signal, changed, limits } = this.#parts
    try {
      let requests = this.#requests(ahead)
      if (requests.length === 0) {
        await changed.wait(limits.fetch_wait_ms_max)
        requests = this.#requests(new Map())
        if (requests.length === 0) return []
      }
      const share = Math.floor(this.#round_bytes / requests.length)
      this.#round_bytes = Math.min(this.#round_bytes * 2, ROUND_BYTES_MAX)
      const bytes_max = Math.min(Math.max(share, PARTITION_BYTES_MIN), limits.segment_bytes_max)
      return await source.fetch(requests, { bytes_max, wait_ms: limits.fetch_wait_ms_max }, signal)
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error(String(thrown))
    }
  }

  #requests(ahead: ReadonlyMap<number, bigint | undefined>): { partition: number; position: bigint }[] {
    return [...this.#positions]
      .map(([partition, position]) => ({ partition, position: max(position, ahead.get(partition)) }))
      .filter(({ partition, position }) => {
        const stop = this.#until?.get(partition)
        return stop === undefined || position < stop
      })
  }

  async #scanRound(fetched: readonly FetchedRecords[]): Promise<void> {
    for (const records of fetched) {
      this.latest.set(records.partition, records.latest)
      // A round that was asked for before positions were put back does not fit any more.
      if (records.bytes.length === 0 || this.#positions.get(records.partition)! < records.position) continue
      await this.#scan(records)
    }
  }

  async #scan(records: FetchedRecords): Promise<void> {
    const { partition, aborted } = records
    const options = {
      place: { topic: this.#parts.topic, partition },
      decompressedBytesMax: this.#parts.limits.record_decompressed_bytes_max,
      ...(aborted === undefined ? {} : { aborts: new AbortFilter(aborted) }),
    }
    for (let at = 0; ; ) {
      const position = this.#positions.get(partition)!
      let begun = performance.now()
      const { consumed, more } = scanRecordBatches(records.bytes.subarray(at), position, this.#table, options)
      for (const entry of this.#parts.decoder.decode(this.#table, partition, position, this.#until?.get(partition))) {
        this.scan_ms += performance.now() - begun
        this.#push(entry)
        this.#parts.changed.notify()
        // Lets the socket be read and messages be answered between two segments.
        await nextTurn()
        begun = performance.now()
        if (this.#positions.get(partition) !== entry.end) return
      }
      at += consumed
      if (!more) return
    }
  }

  /** Goes on after lost offsets where the stream says so; throws whatever else it is. */
  async #recover(error: Error): Promise<void> {
    const { onDataLoss, source, signal, onTrouble, topic } = this.#parts
    const lost = error instanceof MillraceError && error.code === 'ENG_KAFKA_OFFSETS_LOST'
    if (!lost || onDataLoss === 'fail') throw error
    const { partitions } = await source.describe(signal)
    for (const { partition, earliest, latest } of partitions) {
      const start = this.#positions.get(partition)
      if (start === undefined || (start >= earliest && start <= latest)) continue
      const end = start < earliest ? earliest : latest
      onTrouble(
        `records of ${topic}, partition ${partition}, are lost: going on from offset ${end} instead of ${start}`,
      )
      this.#push({ partition, start, end, segments: [], bytes: 0, rows: 0 })
    }
  }
}

const max = (position: bigint, other: bigint | undefined): bigint =>
  other !== undefined && other > position ? other : position
