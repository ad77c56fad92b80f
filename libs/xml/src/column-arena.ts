/**
 * A growing column of text values as bytes: `data` holds the values one after the other, `ends[r]` says where row r's
 * value ends, `nulls[r]` is 1 where it is NULL (and takes no bytes). Scanners write into it; nothing is allocated per
 * value. Memory comes from `allocate`, so that a column can live in shared memory.
 */
export type Allocate = (bytes: number) => ArrayBufferLike

export class ColumnArena {
  data: Uint8Array
  /** The same memory as `data`, for writing by words. */
  view: DataView
  ends: Uint32Array
  nulls: Uint8Array
  /** Rows finished. */
  rows = 0
  /** Bytes used in `data`. */
  bytes = 0
  readonly #allocate: Allocate

  constructor(allocate: Allocate, bytes = 65_536, rows = 4_096) {
    this.#allocate = allocate
    this.data = new Uint8Array(allocate(bytes))
    this.view = new DataView(this.data.buffer)
    this.ends = new Uint32Array(allocate(rows * 4))
    this.nulls = new Uint8Array(allocate(rows))
  }

  /** Makes room for `more` bytes after `bytes`. Call before writing to `data` directly. */
  reserveBytes(more: number): void {
    const need = this.bytes + more
    if (need <= this.data.length) return
    const grown = new Uint8Array(this.#allocate(Math.max(need, this.data.length * 2)))
    grown.set(this.data.subarray(0, this.bytes))
    this.data = grown
    this.view = new DataView(grown.buffer)
  }

  reserveRows(more: number): void {
    const need = this.rows + more
    if (need <= this.ends.length) return
    const size = Math.max(need, this.ends.length * 2)
    const ends = new Uint32Array(this.#allocate(size * 4))
    ends.set(this.ends.subarray(0, this.rows))
    const nulls = new Uint8Array(this.#allocate(size))
    nulls.set(this.nulls.subarray(0, this.rows))
    this.ends = ends
    this.nulls = nulls
  }

  /** Ends a row at the bytes written so far. */
  endRow(isNull: boolean): void {
    if (this.rows === this.ends.length) this.reserveRows(1)
    this.ends[this.rows] = this.bytes
    this.nulls[this.rows] = isNull ? 1 : 0
    this.rows++
  }

  /** Takes back all rows after `rows`: used when a message turns out to be malformed. */
  truncate(rows: number): void {
    this.rows = rows
    this.bytes = rows === 0 ? 0 : this.ends[rows - 1]!
  }

  reset(): void {
    this.rows = 0
    this.bytes = 0
  }
}
