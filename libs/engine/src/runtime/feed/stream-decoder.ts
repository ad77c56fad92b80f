import type { Limits } from '../../core/limits.ts'
import { createDecoder } from '../../formats/create-decoder.ts'
import type { Decoder } from '../../formats/decoder.ts'
import type { StreamPlan } from '../../plan/consumption-plan.ts'
import type { RecordSpans } from '../../sources/record-batch/index.ts'
import type { Segment } from '../segment.ts'
import { MemoryPool, type SegmentMemory } from './segment-memory.ts'
import { isValueUtf8 } from './utf8-check.ts'

/** A run of messages of one partition, and where it lies. */
export interface Run {
  readonly table: RecordSpans
  /** Messages [from, to) of the table. */
  readonly from: number
  readonly to: number
  /** Bytes [start, end) of the table hold them. */
  readonly start: number
  readonly end: number
  readonly allUtf8: boolean
}

export interface DecodedRun {
  readonly memory: SegmentMemory
  /** Message of the table that comes next: below `run.to` when the segment was full of rows. */
  readonly next: number
  readonly rows: number
}

/** Decodes the messages of one stream into segments. Per message nothing is allocated, unless it is rejected. */
export class StreamDecoder {
  readonly index: number
  readonly plan: StreamPlan
  readonly pool: MemoryPool
  readonly #decoder: Decoder
  readonly #messageBytesMax: number

  constructor(index: number, plan: StreamPlan, limits: Limits) {
    this.index = index
    this.plan = plan
    this.pool = new MemoryPool(plan.decode.columns.length)
    this.#messageBytesMax = limits.message_bytes_max
    this.#decoder = createDecoder(plan.decode, limits, (bytes) => new SharedArrayBuffer(bytes))
  }

  /**
   * Copies the run's bytes and spans to shared memory. Comes before `areUtf8`, which overwrites keys and headers; the
   * rest of a run that was cut is therefore copied from the memory of its first part.
   */
  copy(run: Omit<Run, 'allUtf8'>, whole?: { readonly raw: Uint8Array; readonly start: number }): SegmentMemory {
    const { table, from, to, start, end } = run
    const memory = this.pool.take(end - start)
    memory.begin(end - start, to - from)
    if (whole === undefined) memory.raw.set(table.bytes.subarray(start, end))
    else memory.raw.set(whole.raw.subarray(start - whole.start, end - whole.start))
    memory.offsets.set(table.offsets.subarray(from, to))
    memory.timestamps_ms.set(table.timestamps_ms.subarray(from, to))
    copySpans(memory.values, table.valueStart, table.valueLength, run)
    copySpans(memory.keys, table.keyStart, table.keyLength, run)
    copySpans(memory.headers, table.headersStart, table.headersLength, run)
    return memory
  }

  /** Decodes until the run ends, or after the message that brings the segment to `rows_max` rows. */
  decode(run: Run, memory: SegmentMemory, rows_max: number): DecodedRun {
    const { table, from, to } = run
    const decoder = this.#decoder
    decoder.bind(memory.columns)
    let rows = 0
    let message = from
    for (; message < to && rows < rows_max; message++) {
      const length = table.valueLength[message]!
      if (length <= 0) {
        const detail = length === 0 ? 'the message is empty' : 'the message is null'
        memory.rejects.push({ message: message - from, code: 'ENG_DATA_EMPTY', detail })
      } else if (length > this.#messageBytesMax) {
        const detail = `the message has ${length} bytes, message_bytes_max is ${this.#messageBytesMax}`
        memory.rejects.push({ message: message - from, code: 'ENG_DATA_TOO_LARGE', detail })
      } else if (!run.allUtf8 && !isValueUtf8(table, message)) {
        const detail = 'the message is not valid UTF-8'
        memory.rejects.push({ message: message - from, code: 'ENG_DATA_NOT_UTF8', detail })
      } else {
        const start = table.valueStart[message]!
        const added = decoder.decode(table.bytes, start, start + length)
        if (added < 0) {
          memory.rejects.push({ message: message - from, ...decoder.reject })
        } else {
          memory.reserveRows(rows + added)
          const { rowMessage } = memory
          for (const last = rows + added; rows < last; rows++) rowMessage[rows] = message - from
        }
      }
    }
    if (message === to) this.pool.learn(memory, run.end - run.start)
    return { memory, next: message, rows }
  }
}

const copySpans = (to: Int32Array, starts: Int32Array, lengths: Int32Array, run: Omit<Run, 'allUtf8'>): void => {
  const { from, start } = run
  for (let i = from, at = 0; i < run.to; i++, at += 2) {
    to[at] = starts[i]! - start
    to[at + 1] = lengths[i]!
  }
}

export interface SegmentFacts {
  readonly id: number
  readonly stream: number
  readonly topic: string
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
  readonly messages: number
  readonly rows: number
  readonly bytes: number
  readonly timestamp_ms_max: number | undefined
}

/** The segment as it is lent: plain values and shared memory. */
export const makeSegment = (facts: SegmentFacts, memory: SegmentMemory): Segment => {
  const { timestamp_ms_max, ...rest } = facts
  return {
    ...rest,
    ...(timestamp_ms_max === undefined ? {} : { timestamp_ms_max }),
    raw: memory.raw.buffer as SharedArrayBuffer,
    offsets: memory.offsets.buffer as SharedArrayBuffer,
    timestamps_ms: memory.timestamps_ms.buffer as SharedArrayBuffer,
    values: memory.values.buffer as SharedArrayBuffer,
    keys: memory.keys.buffer as SharedArrayBuffer,
    headers: memory.headers.buffer as SharedArrayBuffer,
    rowMessage: memory.rowMessage.buffer as SharedArrayBuffer,
    columns: memory.segmentColumns(),
    rejects: memory.rejects,
  }
}
