import type { ColumnArena } from './column-arena.ts'
import { copyLoose } from './words.ts'

/** How the columns of a scanner make rows. */
export interface RowShape {
  /** Per column: 0 belongs to the row, 1 to the nested row. */
  readonly levels: Uint8Array
  /** There is a nested row path: rows of level 0 are repeated per nested row, at least once. */
  readonly nested: boolean
  readonly emptyAsNull: boolean
  /** Of one column's values in one message: repeating a value per nested row multiplies its bytes. */
  readonly column_bytes_max: number
}

export const ABSENT = 0
export const PRESENT = 1
export const NULL = 2

const WORDS_BYTES_MAX = 256

/**
 * The columns' arenas while a message is scanned. A value is the tail of its arena until its row ends, so columns may
 * be filled in any order, and a parent's value may come after its nested rows.
 */
export class RowColumns {
  columns: readonly ColumnArena[] = []
  /** The message's memory, and the same for reading by words. */
  message: Uint8Array = new Uint8Array(0)
  source: DataView = new DataView(this.message.buffer)
  /** Rows ended since `begin`, of the deeper level. */
  rows = 0
  /** Per column: ABSENT, PRESENT or NULL in the row that is being read. */
  readonly seen: Uint8Array
  /** Per column: where its value in the row that is being read starts in the arena. */
  readonly valueAt: Float64Array
  readonly #shape: RowShape
  readonly #outer: Int32Array
  readonly #inner: Int32Array
  #nestedRows = 0
  #rowsBefore = 0

  constructor(shape: RowShape) {
    const { levels } = shape
    const ofLevel = (level: number) => Int32Array.from([...levels.keys()].filter((c) => levels[c] === level))
    this.#shape = shape
    this.seen = new Uint8Array(levels.length)
    this.valueAt = new Float64Array(levels.length)
    this.#outer = ofLevel(0)
    this.#inner = ofLevel(1)
  }

  begin(message: Uint8Array): void {
    if (message !== this.message) {
      this.message = message
      this.source = new DataView(message.buffer, message.byteOffset, message.byteLength)
    }
    this.rows = 0
    this.#nestedRows = 0
    this.#rowsBefore = this.columns.length === 0 ? 0 : this.columns[0]!.rows
    for (let c = 0; c < this.valueAt.length; c++) this.valueAt[c] = this.columns[c]!.bytes
  }

  /** Takes back everything since `begin`. */
  rollback(): void {
    for (const column of this.columns) column.truncate(this.#rowsBefore)
    for (let c = 0; c < this.valueAt.length; c++) this.valueAt[c] = this.columns[c]!.bytes
    this.seen.fill(ABSENT)
    this.rows = 0
    this.#nestedRows = 0
  }

  /** Takes back the nested rows of the row that is being read. */
  dropNested(): void {
    for (let i = 0; i < this.#inner.length; i++) {
      const column = this.columns[this.#inner[i]!]!
      column.truncate(column.rows - this.#nestedRows)
      this.valueAt[this.#inner[i]!] = column.bytes
      this.seen[this.#inner[i]!] = ABSENT
    }
    this.rows -= this.#nestedRows
    this.#nestedRows = 0
  }

  /** Takes back a column's value in the row that is being read. */
  forget(column: number): void {
    this.columns[column]!.bytes = this.valueAt[column]!
    this.seen[column] = ABSENT
  }

  /** A column's whole value, from the message's bytes [from, to). */
  value(column: number, from: number, to: number): void {
    const arena = this.columns[column]!
    const length = to - from
    const at = arena.bytes
    if (at + length + 3 > arena.data.length) arena.reserveBytes(length + 3)
    if (length <= WORDS_BYTES_MAX && to + 3 <= this.source.byteLength)
      copyLoose(this.source, from, arena.view, at, length)
    else arena.data.set(this.message.subarray(from, to), at)
    arena.bytes = at + length
    this.seen[column] = PRESENT
  }

  endNested(): void {
    this.#endRows(this.#inner)
    this.#nestedRows++
    this.rows++
  }

  /** Ends a row. False: repeating a parent's value would pass column_bytes_max. */
  endRow(): boolean {
    if (!this.#shape.nested) {
      this.#endRows(this.#outer)
      this.rows++
      return true
    }
    if (this.#nestedRows === 0) this.endNested()
    const copies = this.#nestedRows
    this.#nestedRows = 0
    for (let i = 0; i < this.#outer.length; i++) if (!this.#repeat(this.#outer[i]!, copies)) return false
    return true
  }

  #endRows(columns: Int32Array): void {
    for (let i = 0; i < columns.length; i++) {
      const c = columns[i]!
      const arena = this.columns[c]!
      const isNull = this.#isNull(c, arena)
      const row = arena.rows
      if (row === arena.ends.length) arena.reserveRows(1)
      arena.ends[row] = arena.bytes
      arena.nulls[row] = isNull ? 1 : 0
      arena.rows = row + 1
      this.valueAt[c] = arena.bytes
      this.seen[c] = ABSENT
    }
  }

  #isNull(column: number, arena: ColumnArena): boolean {
    return this.seen[column] !== PRESENT || (this.#shape.emptyAsNull && arena.bytes === this.valueAt[column])
  }

  #repeat(column: number, copies: number): boolean {
    const arena = this.columns[column]!
    const isNull = this.#isNull(column, arena)
    const start = this.valueAt[column]!
    const length = arena.bytes - start
    const messageAt = this.#rowsBefore === 0 ? 0 : arena.ends[this.#rowsBefore - 1]!
    if (arena.bytes - messageAt + length * (copies - 1) > this.#shape.column_bytes_max) return false
    arena.reserveBytes(length * (copies - 1))
    arena.reserveRows(copies)
    arena.endRow(isNull)
    for (let copy = 1; copy < copies; copy++) {
      if (length > 0) arena.data.copyWithin(arena.bytes, start, start + length)
      arena.bytes += length
      arena.endRow(isNull)
    }
    this.valueAt[column] = arena.bytes
    this.seen[column] = ABSENT
    return true
  }
}
