import { isSpace } from './chars.ts'
import type { XmlProgram } from './compile.ts'
import { PRESENT, RowColumns } from './row-columns.ts'

const LOOP_BYTES_MAX = 40

/** Columns that text is appended to in pieces: while a capture is open, all text inside its element goes to it. */
export class RowWriter extends RowColumns {
  /** Number of open captures. */
  active = 0
  readonly #activeColumn: Int32Array
  readonly #activeDepth: Int32Array
  readonly #activeOwn: Uint8Array
  readonly #trim: boolean
  readonly #textMax: number

  constructor(program: XmlProgram) {
    super({ ...program, column_bytes_max: program.limits.column_bytes_max })
    const count = program.levels.length
    this.#activeColumn = new Int32Array(count + 1)
    this.#activeDepth = new Int32Array(count + 1)
    this.#activeOwn = new Uint8Array(count + 1)
    this.#trim = program.trim
    this.#textMax = program.limits.text_bytes_max
  }

  override rollback(): void {
    super.rollback()
    this.active = 0
  }

  /** Opens a capture for the element at `depth`; the first match of a row wins. */
  capture(column: number, own: number, depth: number): void {
    if (this.seen[column] === PRESENT) return
    this.seen[column] = PRESENT
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
    if (this.#trim && at === this.valueAt[column]) while (from < to && isSpace(bytes[from])) from++
    const length = to - from
    if (at + length > arena.data.length) arena.reserveBytes(length)
    const data = arena.data
    if (length < LOOP_BYTES_MAX) while (from < to) data[at++] = bytes[from++]!
    else data.set(bytes.subarray(from, to), at)
    arena.bytes += length
  }

  /** Ends a column's value. False: it is longer than text_bytes_max. */
  finish(column: number): boolean {
    const arena = this.columns[column]!
    const start = this.valueAt[column]!
    const data = arena.data
    let bytes = arena.bytes
    if (this.#trim) while (bytes > start && isSpace(data[bytes - 1])) bytes--
    arena.bytes = bytes
    return bytes - start <= this.#textMax
  }
}
