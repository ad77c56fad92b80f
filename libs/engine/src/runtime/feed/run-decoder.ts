import type { Limits } from '../../core/limits.ts'
import type { RecordSpans } from '../../sources/record-batch/index.ts'
import type { Entry } from './entry.ts'
import type { Lending } from './lending.ts'
import type { SegmentMemory } from './segment-memory.ts'
import { makeSegment, type Run, type StreamDecoder } from './stream-decoder.ts'
import { areUtf8 } from './utf8-check.ts'

/** A segment ends after the message that brings it to so many rows, whatever its bytes. */
const SEGMENT_ROWS = 131_072

/** Cuts scanned messages into segments, one per stream of the source. */
export class RunDecoder {
  readonly #topic: string
  readonly #streams: readonly StreamDecoder[]
  readonly #lending: Lending
  readonly #segmentBytes: number

  constructor(topic: string, streams: readonly StreamDecoder[], limits: Limits, lending: Lending) {
    this.#topic = topic
    this.#streams = streams
    this.#segmentBytes = limits.segment_bytes_max
    this.#lending = lending
  }

  /**
   * Entries for the messages of the table below `until`, one after the other, and at last for what follows them up to
   * the table's next offset. Overwrites what lies between the values in `table.bytes`.
   */
  *decode(table: RecordSpans, partition: number, position: bigint, until: bigint | undefined): Generator<Entry> {
    const stop = until !== undefined && table.nextOffset > until ? until : table.nextOffset
    const count = stop === table.nextOffset ? table.count : countBelow(table, stop)
    let start = position
    for (let from = 0; from < count; ) {
      const to = this.#cut(table, from, count)
      for (const entry of this.#run(table, partition, start, from, to, to === count ? stop : undefined)) {
        start = entry.end
        yield entry
      }
      from = to
    }
    if (start < stop) yield { partition, start, end: stop, segments: [], bytes: 0, rows: 0 }
  }

  #cut(table: RecordSpans, from: number, count: number): number {
    const first = startOf(table, from)
    let to = from + 1
    while (to < count && endOf(table, to) - first <= this.#segmentBytes) to++
    return to
  }

  *#run(
    table: RecordSpans,
    partition: number,
    position: bigint,
    from: number,
    to: number,
    stop: bigint | undefined,
  ): Generator<Entry> {
    const span = { table, from, to, start: startOf(table, from), end: endOf(table, to - 1) }
    let memories = this.#streams.map((stream) => stream.copy(span))
    let run: Run = { ...span, allUtf8: areUtf8(table, from, to, span.start, span.end) }
    // Streams that share a source must share their segments' borders, so only a lone one is cut by its rows.
    const rows_max = this.#streams.length === 1 ? SEGMENT_ROWS : Number.POSITIVE_INFINITY
    let start = position
    for (;;) {
      const decoded = this.#streams.map((stream, i) => stream.decode(run, memories[i]!, rows_max))
      const next = Math.min(...decoded.map((part) => part.next))
      const end = next === to ? (stop ?? table.offsets[to - 1]! + 1n) : table.offsets[next - 1]! + 1n
      const rest = { ...run, from: next, start: next === to ? run.end : startOf(table, next) }
      const restMemories = next === to ? [] : this.#copyRest(rest, run.start, memories)
      const entry = this.#entry(partition, start, end, { ...run, to: next }, decoded)
      start = end
      yield entry
      if (next === to) return
      run = rest
      memories = restMemories
    }
  }

  #copyRest(rest: Run, start: number, memories: readonly SegmentMemory[]): SegmentMemory[] {
    return this.#streams.map((stream, i) => stream.copy(rest, { raw: memories[i]!.raw, start }))
  }

  #entry(
    partition: number,
    start: bigint,
    end: bigint,
    run: Run,
    decoded: readonly { readonly memory: SegmentMemory; readonly rows: number }[],
  ): Entry {
    const bytes = endOf(run.table, run.to - 1) - run.start
    const facts = {
      topic: this.#topic,
      partition,
      start,
      end,
      messages: run.to - run.from,
      timestamp_ms_max: newest(run),
    }
    const segments = decoded.map(({ memory, rows }, i) => {
      const stream = this.#streams[i]!
      // The bytes are counted once, however many streams read them.
      const own = { id: this.#lending.newId(), stream: stream.index, rows, bytes: i === 0 ? bytes : 0 }
      const segment = makeSegment({ ...facts, ...own }, memory)
      this.#lending.register(segment, memory, stream.pool)
      return segment
    })
    return { partition, start, end, segments, bytes, rows: decoded.reduce((sum, { rows }) => sum + rows, 0) }
  }
}

const startOf = (table: RecordSpans, message: number): number => table.keyStart[message]!
const endOf = (table: RecordSpans, message: number): number =>
  table.headersStart[message]! + table.headersLength[message]!

const countBelow = (table: RecordSpans, offset: bigint): number => {
  let count = table.count
  while (count > 0 && table.offsets[count - 1]! >= offset) count--
  return count
}

/** Greatest record time of a run, read as halves: BigInts would be allocated one per message. */
const newest = ({ table, from, to }: Run): number | undefined => {
  const { timestampHalves } = table
  let max = -1
  for (let i = from; i < to; i++) {
    const time = timestampHalves[i * 2 + 1]! * 4_294_967_296 + (timestampHalves[i * 2]! >>> 0)
    if (time > max) max = time
  }
  return max < 0 ? undefined : max
}
