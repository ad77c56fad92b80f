import { ColumnArena } from '@millrace/xml'
import type { DecodeReject, SegmentColumn } from '../segment.ts'

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)

/** Above this a segment's memory is given back to the system instead of being used again. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024
/** All that a pool keeps for later; what is lent is not counted. */
const FREE_BYTES_MAX = 256 * 1024 * 1024
/** A new memory has so much more room than the ones before it would have needed. */
const HEADROOM = 1.25
/** A few records say little about the others. */
const LEARNT_BYTES_MIN = 65_536
const COLUMN_BYTES_MIN = 65_536
const COLUMN_ROWS_MIN = 4_096

/** How much one column takes per byte of raw records. */
interface Density {
  bytes: number
  rows: number
}

/** The shared memory of one segment. It grows geometrically and is used again for other segments of its stream. */
export class SegmentMemory {
  raw = new Uint8Array(shared(0))
  offsets = new BigInt64Array(shared(0))
  timestamps_ms = new BigInt64Array(shared(0))
  values = new Int32Array(shared(0))
  keys = new Int32Array(shared(0))
  headers = new Int32Array(shared(0))
  rowMessage: Uint32Array<SharedArrayBuffer>
  readonly columns: readonly ColumnArena[]
  rejects: DecodeReject[] = []

  /** `densities`, one per column, say how much room `raw_bytes` are likely to take. */
  constructor(densities: readonly Density[], raw_bytes: number) {
    const room = raw_bytes * HEADROOM
    this.columns = densities.map(({ bytes, rows }) => {
      const data = Math.max(COLUMN_BYTES_MIN, Math.ceil(bytes * room))
      return new ColumnArena(shared, data, Math.max(COLUMN_ROWS_MIN, Math.ceil(rows * room)))
    })
    this.rowMessage = new Uint32Array(shared((this.columns[0]?.ends.length ?? COLUMN_ROWS_MIN) * 4))
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

/**
 * Memories of one stream that are not in use. Shared memory that was outgrown is only freed when all three threads have
 * collected their garbage, and no thread knows how much it holds: so a memory is made as large as it will have to be,
 * and one that is too small is not taken.
 */
export class MemoryPool {
  readonly #densities: readonly Density[]
  readonly #free: SegmentMemory[] = []
  #freeBytes = 0

  constructor(columns: number) {
    this.#densities = Array.from({ length: columns }, () => ({ bytes: 0, rows: 0 }))
  }

  /** One that holds `raw_bytes` without growing; its columns may grow. */
  take(raw_bytes: number): SegmentMemory {
    const fits = this.#free.findLastIndex((memory) => memory.raw.length >= raw_bytes)
    // Where none is large enough, the oldest makes room for a larger one.
    const [taken] = this.#free.splice(Math.max(fits, 0), 1)
    if (taken !== undefined) this.#freeBytes -= taken.bytes
    return fits >= 0 && taken !== undefined ? taken : new SegmentMemory(this.#densities, raw_bytes)
  }

  give(memory: SegmentMemory): void {
    const { bytes } = memory
    if (bytes > KEPT_BYTES_MAX || this.#freeBytes + bytes > FREE_BYTES_MAX) return
    this.#freeBytes += bytes
    this.#free.push(memory)
  }

  /** Remembers how full the columns are after `raw_bytes` of records. */
  learn(memory: SegmentMemory, raw_bytes: number): void {
    if (raw_bytes < LEARNT_BYTES_MIN) return
    this.#densities.forEach((density, i) => {
      density.bytes = towards(density.bytes, memory.columns[i]!.bytes / raw_bytes)
      density.rows = towards(density.rows, memory.columns[i]!.rows / raw_bytes)
    })
  }
}

/** Up at once, down slowly. */
const towards = (known: number, seen: number): number => Math.max(seen, known + (seen - known) / 8)
