import { ColumnArena } from '@millrace/xml'
import type { DecodeReject, SegmentColumn } from '../segment.ts'

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)

/** Above this a segment's memory is given back to the system instead of being used again. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024

/** The shared memory of one segment. It grows geometrically and is used again for other segments of its stream. */
export class SegmentMemory {
  raw = new Uint8Array(shared(0))
  offsets = new BigInt64Array(shared(0))
  timestamps_ms = new BigInt64Array(shared(0))
  values = new Int32Array(shared(0))
  keys = new Int32Array(shared(0))
  headers = new Int32Array(shared(0))
  rowMessage = new Uint32Array(shared(4_096 * 4))
  readonly columns: readonly ColumnArena[]
  rejects: DecodeReject[] = []

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => new ColumnArena(shared))
  }

  /** Empties it, and makes room for a run of messages. */
  begin(raw_bytes: number, messages: number): void {
    if (this.raw.length < raw_bytes) this.raw = new Uint8Array(shared(roundUp(raw_bytes)))
    if (this.offsets.length < messages) {
      const room = roundUp(messages)
      this.offsets = new BigInt64Array(shared(room * 8))
      this.timestamps_ms = new BigInt64Array(shared(room * 8))
      this.values = new Int32Array(shared(room * 8))
      this.keys = new Int32Array(shared(room * 8))
      this.headers = new Int32Array(shared(room * 8))
    }
    for (const column of this.columns) column.reset()
    this.rejects = []
  }

  reserveRows(rows: number): void {
    if (rows <= this.rowMessage.length) return
    const grown = new Uint32Array(shared(roundUp(rows) * 4))
    grown.set(this.rowMessage)
    this.rowMessage = grown
  }

  get bytes(): number {
    const columns = this.columns.reduce((sum, { data, ends }) => sum + data.length + ends.length * 5, 0)
    return this.raw.length + this.offsets.length * 40 + this.rowMessage.length * 4 + columns
  }

  segmentColumns(): SegmentColumn[] {
    return this.columns.map(({ data, ends, nulls }) => ({
      data: data.buffer as SharedArrayBuffer,
      ends: ends.buffer as SharedArrayBuffer,
      nulls: nulls.buffer as SharedArrayBuffer,
    }))
  }
}

const roundUp = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(size, 1_024)))

/** Memories of one stream that are not in use. */
export class MemoryPool {
  readonly #columns: number
  readonly #free: SegmentMemory[] = []

  constructor(columns: number) {
    this.#columns = columns
  }

  take(): SegmentMemory {
    return this.#free.pop() ?? new SegmentMemory(this.#columns)
  }

  give(memory: SegmentMemory): void {
    if (memory.bytes <= KEPT_BYTES_MAX && this.#free.length < 16) this.#free.push(memory)
  }
}
