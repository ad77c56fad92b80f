import { isSpace } from './chars.ts'
import type { ColumnArena } from './column-arena.ts'
import type { XmlProgram } from './compile.ts'
import { copyLoose } from './words.ts'

const LOOP_BYTES_MAX = 40
const WORDS_BYTES_MAX = 256

/**
 * Writes values into the columns' arenas while a message is scanned. A row's value is the tail of its arena until the
 * row ends, so columns may be filled in any order. `capture` starts a value; while it is open all text goes to it.
 */
export class RowWriter {
  columns: readonly ColumnArena[] = []
  message: Uint8Array = new Uint8Array(0)
  /** The memory of `message`, for reading by words. */
  source: DataView = new DataView(this.message.buffer)
  /** Rows ended since `begin`, of the deeper level. */
  rows = 0
  /** Number of open captures. */
  active = 0
  /** 1: the column has its value for this row; the first match wins. */
  readonly seen: Uint8Array
  readonly #valueAt: Float64Array
  readonly #activeColumn: Int32Array
  readonly #activeDepth: Int32Array
  readonly #activeOwn: Uint8Array
  readonly #outer: Int32Array
  readonly #inner: Int32Array
  readonly #trim: boolean
  readonly #emptyAsNull: boolean
  readonly #nested: boolean
  readonly #textMax: number
  readonly #columnMax: number
  #nestedRows = 0
  #rowsBefore = 0

  constructor(program: XmlProgram) {
    const count = program.levels.length
    const ofLevel = (level: number) =>
      Int32Array.from([...program.levels.keys()].filter((c) => program.levels[c] === level))
    this.seen = new Uint8Array(count)
    this.#valueAt = new Float64Array(count)
    this.#activeColumn = new Int32Array(count + 1)
    this.#activeDepth = new Int32Array(count + 1)
    this.#activeOwn = new Uint8Array(count + 1)
    this.#outer = ofLevel(0)
    this.#inner = ofLevel(1)
    this.#trim = program.trim
    this.#emptyAsNull = program.emptyAsNull
    this.#nested = program.nested
    this.#textMax = program.limits.text_bytes_max
    this.#columnMax = program.limits.column_bytes_max
  }

  begin(message: Uint8Array): void {
    if (message !== this.message) {
      this.message = message
      this.source = new DataView(message.buffer, message.byteOffset, message.byteLength)
    }
    this.rows = 0
    this.#nestedRows = 0
    this.#rowsBefore = this.columns[0]?.rows ?? 0
    for (let c = 0; c < this.#valueAt.length; c++) this.#valueAt[c] = this.columns[c]!.bytes
  }

  /** Takes back everything since `begin`. */
  rollback(): void {
    for (const column of this.columns) column.truncate(this.#rowsBefore)
    this.seen.fill(0)
    this.active = 0
  }

  capture(column: number, own: number, depth: number): void {
    if (this.seen[column] === 1) return
    this.seen[column] = 1
    this.#activeColumn[this.active] = column
    this.#activeDepth[this.active] = depth
    this.#activeOwn[this.active] = own
    this.active++
  }

  /** Ends the captures of the element at `depth`. False: a value is longer than text_bytes_max. */
  release(depth: number): boolean {
    while (this.active > 0 && this.#activeDepth[this.active - 1] === depth) {
      this.active--
      if (!this.finish(this.#activeColumn[this.active]!)) return false
    }
    return true
  }

  /** Text inside the element at `depth` goes to every open capture that wants it. */
  text(bytes: Uint8Array, from: number, to: number, depth: number): void {
    for (let i = 0; i < this.active; i++) {
      if (this.#activeOwn[i] === 1 && this.#activeDepth[i] !== depth) continue
      this.append(this.#activeColumn[i]!, bytes, from, to)
    }
  }

  append(column: number, bytes: Uint8Array, start: number, to: number): void {
    const arena = this.columns[column]!
    let from = start
    let at = arena.bytes
    if (this.#trim && at === this.#valueAt[column]) while (from < to && isSpace(bytes[from])) from++
    const length = to - from
    if (at + length > arena.data.length) arena.reserveBytes(length)
    const data = arena.data
    if (length < LOOP_BYTES_MAX) while (from < to) data[at++] = bytes[from++]!
    else data.set(bytes.subarray(from, to), at)
    arena.bytes += length
  }

  /** The same for bytes of the message itself, trimmed already, as a column's whole value. */
  value(column: number, from: number, to: number): void {
    const arena = this.columns[column]!
    const length = to - from
    const at = arena.bytes
    if (at + length + 3 > arena.data.length) arena.reserveBytes(length + 3)
    if (length <= WORDS_BYTES_MAX && to + 3 <= this.source.byteLength)
      copyLoose(this.source, from, arena.view, at, length)
    else arena.data.set(this.message.subarray(from, to), at)
    arena.bytes = at + length
    this.seen[column] = 1
  }

  /** Ends a column's value. False: it is longer than text_bytes_max. */
  finish(column: number): boolean {
    const arena = this.columns[column]!
    const start = this.#valueAt[column]!
    const data = arena.data
    let bytes = arena.bytes
    if (this.#trim) while (bytes > start && isSpace(data[bytes - 1])) bytes--
    arena.bytes = bytes
    return bytes - start <= this.#textMax
  }

  endNested(): void {
    this.#endRows(this.#inner)
    this.#nestedRows++
    this.rows++
  }

  /** Ends a row. False: repeating a parent's value would pass column_bytes_max. */
  endRow(): boolean {
    if (!this.#nested) {
      this.#endRows(this.#outer)
      this.rows++
      return true
    }
    if (this.#nestedRows === 0) this.endNested()
    const copies = this.#nestedRows
    this.#nestedRows = 0
    for (let i = 0; i < this.#outer.length; i++) {
      const c = this.#outer[i]!
      if (!this.#repeat(c, copies)) return false
    }
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
      this.#valueAt[c] = arena.bytes
      this.seen[c] = 0
    }
  }

  #isNull(column: number, arena: ColumnArena): boolean {
    return this.seen[column] === 0 || (this.#emptyAsNull && arena.bytes === this.#valueAt[column])
  }

  #repeat(column: number, copies: number): boolean {
    const arena = this.columns[column]!
    const isNull = this.#isNull(column, arena)
    const start = this.#valueAt[column]!
    const length = arena.bytes - start
    const messageAt = this.#rowsBefore === 0 ? 0 : arena.ends[this.#rowsBefore - 1]!
    if (arena.bytes - messageAt + length * (copies - 1) > this.#columnMax) return false
    arena.reserveBytes(length * (copies - 1))
    arena.reserveRows(copies)
    arena.endRow(isNull)
    for (let copy = 1; copy < copies; copy++) {
      arena.data.copyWithin(arena.bytes, start, start + length)
      arena.bytes += length
      arena.endRow(isNull)
    }
    this.#valueAt[column] = arena.bytes
    this.seen[column] = 0
    return true
  }
}
