import { ABSENT, type ColumnArena, edgeSlot, hashName, NULL, PRESENT, RowColumns, sameBytes } from '@millrace/xml'
import { HAS_COLUMNS, IS_NESTED, IS_ROW, type JsonProgram, MESSAGE, SKIPPED } from './compile.ts'
import { type JsonFault, JsonFaultCell } from './fault.ts'
import { numberEnd, QUOTE, StringDecoder, stringEnd } from './tokens.ts'

const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const word = (text: string): DataView => new DataView(Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer)
const TRUE = word('true')
const FALSE = word('false')
const NULL_WORD = word('null')

/** Position of the first byte from `at` on that is no white space (RFC 8259, section 2), at most `end`. */
const skipSpace = (bytes: Uint8Array, at: number, end: number): number => {
  let p = at
  while (p < end) {
    const c = bytes[p]!
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break
    p++
  }
  return p
}

/**
 * Scans JSON messages (RFC 8259, one value per message) into columns: strings decoded, numbers with their exact text,
 * true and false as text, null as NULL, objects and arrays as their bytes stand. Strict: a message that is not valid
 * JSON gives no row, wherever the fault is; so does half a surrogate pair in any string, since it is no character. Of
 * repeated keys the last counts. Not checked: that the bytes are UTF-8; the caller does.
 *
 * The bytes behind `end` may be read but never matter: a token that ends past `end` is caught at the next look.
 */
export class JsonScanner {
  readonly #program: JsonProgram
  readonly #faults = new JsonFaultCell()
  readonly #columns: RowColumns
  readonly #decoder = new StringDecoder(this.#faults)
  /** Per open object or array: its state, its opening byte, where it starts, its current index, its number. */
  readonly #states: Int32Array
  readonly #kinds: Uint8Array
  readonly #startAt: Float64Array
  readonly #indexes: Int32Array
  /** Per state: number of the object that is open in it; per edge: that of the object it was last seen in. */
  readonly #object: Float64Array
  readonly #edgeObject: Float64Array
  readonly #hint: Int32Array
  #objects = 0
  #start = 0
  #end = 0
  /** State of the value whose key was just read. */
  #target = SKIPPED

  constructor(program: JsonProgram, columns: readonly ColumnArena[]) {
    const { depth_max, column_bytes_max } = program.limits
    this.#program = program
    this.#columns = new RowColumns({ ...program, column_bytes_max })
    this.#states = new Int32Array(depth_max + 1)
    this.#kinds = new Uint8Array(depth_max + 1)
    this.#startAt = new Float64Array(depth_max + 1)
    this.#indexes = new Int32Array(depth_max + 1)
    this.#object = new Float64Array(program.flags.length)
    this.#edgeObject = new Float64Array(program.edgeTarget.length)
    this.#hint = Int32Array.from(program.flags, (_, s) =>
      program.edgeStart[s] === program.edgeStart[s + 1] ? -1 : program.edgeStart[s]!,
    )
    this.bind(columns)
  }

  /** One arena per column of the spec; they must hold equally many rows. */
  bind(columns: readonly ColumnArena[]): void {
    this.#columns.columns = columns
  }

  /** Why the last `scan` returned -1. */
  get fault(): JsonFault {
    const { kind, detail, at } = this.#faults
    const length = this.#end - this.#start
    if (kind === 'malformed' && at >= this.#end && !detail.startsWith('the message'))
      return { kind, detail: 'the message ends too early', at: length }
    return { kind, detail, at: at - this.#start }
  }

  /** Appends the rows of the message `bytes[start, end)` and returns their number, or -1: see `fault`, nothing appended. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.#start = start
    this.#end = end
    this.#columns.begin(bytes)
    const marked = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
    let p = this.#message(bytes, marked ? start + 3 : start, end)
    if (p > end) p = this.#faults.fail('the message ends too early', end)
    if (p >= 0) {
      p = skipSpace(bytes, p, end)
      if (p === end) return this.#columns.rows
      this.#faults.fail('something follows the value', p)
    }
    this.#columns.rollback()
    return -1
  }

  /** Position after the value at `at`, or -1. */
  #message(bytes: Uint8Array, at: number, end: number): number {
    const { flags, asObject, limits, onlyColumn, trim } = this.#program
    const columns = this.#columns
    const source = columns.source
    const states = this.#states
    const kinds = this.#kinds
    let depth = 0
    let state = MESSAGE
    let p = at
    for (;;) {
      // A value of `state` is due.
      p = skipSpace(bytes, p, end)
      if (p >= end) return this.#faults.fail('the message ends where a value is due', end)
      const c = bytes[p]!
      if (c === QUOTE) {
        const to = stringEnd(source, bytes, p + 1, end)
        if (bytes[to] === QUOTE && to < end) {
          const column = onlyColumn[state]!
          if (column >= 0 && !trim && columns.seen[column] === ABSENT) columns.value(column, p + 1, to)
          else if ((flags[state]! & HAS_COLUMNS) !== 0) this.#string(bytes, state, p + 1, to)
          p = to + 1
        } else if ((p = this.#escaped(bytes, state, p + 1, end)) < 0) return -1
      } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth === limits.depth_max)
          return this.#faults.fail(`values are nested more than ${depth} deep`, p, 'limit')
        depth++
        if (c === OPEN_BRACE) {
          state = asObject[state]!
          this.#object[state] = ++this.#objects
        }
        states[depth] = state
        kinds[depth] = c
        this.#startAt[depth] = p
        this.#indexes[depth] = 0
        p = skipSpace(bytes, p + 1, end)
        if (c === OPEN_BRACE && bytes[p] !== CLOSE_BRACE) {
          p = this.#key(bytes, p, end, state)
          if (p < 0) return -1
          state = this.#target
          continue
        }
        if (c === OPEN_BRACKET && bytes[p] !== CLOSE_BRACKET) {
          state = this.#element(state, 0)
          continue
        }
        p = this.#close(p, depth--, state)
      } else p = this.#scalar(bytes, p, end, state, c)
      // A value of `state` has ended at p.
      for (;;) {
        if (p < 0) return -1
        if ((flags[state]! & (IS_ROW | IS_NESTED)) !== 0 && !this.#ended(flags[state]!, p)) return -1
        if (depth === 0) return p
        p = skipSpace(bytes, p, end)
        if (p >= end) return this.#faults.fail('the message ends inside an object or array', end)
        const next = bytes[p]
        const kind = kinds[depth]
        state = states[depth]!
        if (next === COMMA) {
          p = skipSpace(bytes, p + 1, end)
          if (kind === OPEN_BRACE) {
            p = this.#key(bytes, p, end, state)
            if (p < 0) return -1
            state = this.#target
          } else state = this.#element(state, ++this.#indexes[depth]!)
          break
        }
        if (next !== (kind === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET))
          return this.#faults.fail(`neither ',' nor '${kind === OPEN_BRACE ? '}' : ']'}' after a value`, p)
        p = this.#close(p, depth--, state)
      }
    }
  }

  #element(state: number, index: number): number {
    return this.#program.byIndex[state]?.get(index) ?? this.#program.each[state]!
  }

  /** The object or array at `depth` ends in the bracket at `at`: position after it. */
  #close(at: number, depth: number, state: number): number {
    if ((this.#program.flags[state]! & HAS_COLUMNS) !== 0) this.#plain(state, this.#startAt[depth]!, at + 1)
    return at + 1
  }

  /** Bytes of the message as they stand are the value of the state's columns. */
  #plain(state: number, from: number, to: number): void {
    const { columnStart, columnOf } = this.#program
    for (let i = columnStart[state]!; i < columnStart[state + 1]!; i++) {
      const column = columnOf[i]!
      if (this.#columns.seen[column] !== ABSENT) this.#columns.forget(column)
      this.#columns.value(column, from, to)
    }
  }

  #string(bytes: Uint8Array, state: number, start: number, end: number): void {
    let from = start
    let to = end
    if (this.#program.trim) {
      from = skipSpace(bytes, from, to)
      while (to > from && skipSpace(bytes, to - 1, to) === to) to--
    }
    this.#plain(state, from, to)
  }

  /** A string with an escape in it, or a bad one: position after its quote, or -1. */
  #escaped(bytes: Uint8Array, state: number, at: number, end: number): number {
    const decoder = this.#decoder
    const close = decoder.decode(this.#columns.source, bytes, at, end)
    if (close < 0) return -1
    const { columnStart, columnOf, trim } = this.#program
    let from = 0
    let to = decoder.length
    if (trim) {
      from = skipSpace(decoder.bytes, 0, to)
      while (to > from && skipSpace(decoder.bytes, to - 1, to) === to) to--
    }
    for (let i = columnStart[state]!; i < columnStart[state + 1]!; i++) {
      const column = columnOf[i]!
      this.#columns.forget(column)
      const arena = this.#columns.columns[column]!
      arena.reserveBytes(to - from)
      arena.data.set(decoder.bytes.subarray(from, to), arena.bytes)
      arena.bytes += to - from
      this.#columns.seen[column] = PRESENT
    }
    return close + 1
  }

  #scalar(bytes: Uint8Array, at: number, end: number, state: number, first: number): number {
    const wanted = (this.#program.flags[state]! & HAS_COLUMNS) !== 0
    if (first >= 0x61) {
      const expected = first === 0x74 ? TRUE : first === 0x66 ? FALSE : NULL_WORD
      const to = at + expected.byteLength
      if (!sameBytes(expected, 0, this.#columns.source, at, expected.byteLength))
        return this.#faults.fail('no value where one is due', at)
      if (!wanted) return to
      if (expected !== NULL_WORD) this.#plain(state, at, to)
      else this.#null(state)
      return to
    }
    const to = numberEnd(bytes, at, end, this.#faults)
    if (to >= 0 && wanted) this.#plain(state, at, to)
    return to
  }

  #null(state: number): void {
    const { columnStart, columnOf } = this.#program
    for (let i = columnStart[state]!; i < columnStart[state + 1]!; i++) {
      this.#columns.forget(columnOf[i]!)
      this.#columns.seen[columnOf[i]!] = NULL
    }
  }

  /** Ends a nested row or a row. False: a limit is passed. */
  #ended(flags: number, at: number): boolean {
    const columns = this.#columns
    const { rows_max, column_bytes_max } = this.#program.limits
    if ((flags & IS_NESTED) !== 0) columns.endNested()
    if ((flags & IS_ROW) !== 0 && !columns.endRow()) {
      const detail = `repeating a value for its nested rows takes more than ${column_bytes_max} bytes`
      this.#faults.fail(detail, at, 'limit')
      return false
    }
    if (columns.rows <= rows_max) return true
    this.#faults.fail(`the message has more than ${rows_max} rows`, at, 'limit')
    return false
  }

  /** Reads `"key":`, sets the value's state and returns the position after the colon, or -1. */
  #key(bytes: Uint8Array, at: number, end: number, state: number): number {
    if (at >= end || bytes[at] !== QUOTE) return this.#faults.fail('no key where one is due', at)
    const { edgeKeyAt, edgeKeyLength, edgePlain, keys } = this.#program
    const source = this.#columns.source
    let edge = this.#hint[state]!
    let p: number
    if (
      edge >= 0 &&
      edgePlain[edge] === 1 &&
      sameBytes(keys, edgeKeyAt[edge]!, source, at + 1, edgeKeyLength[edge]! + 1)
    )
      p = at + 2 + edgeKeyLength[edge]!
    else {
      const to = stringEnd(source, bytes, at + 1, end)
      if (bytes[to] === QUOTE && to < end) {
        edge = this.#find(bytes, source, at + 1, to, state)
        p = to + 1
      } else {
        p = this.#decoder.decode(source, bytes, at + 1, end) + 1
        if (p <= 0) return -1
        const { bytes: decoded, length } = this.#decoder
        edge = this.#find(decoded, new DataView(decoded.buffer), 0, length, state)
      }
    }
    this.#target = edge < 0 ? SKIPPED : this.#take(edge, state)
    if (bytes[p] === COLON) return p + 1
    p = skipSpace(bytes, p, end)
    return p < end && bytes[p] === COLON ? p + 1 : this.#faults.fail(`no ':' after a key`, p)
  }

  #find(bytes: Uint8Array, view: DataView, from: number, to: number, state: number): number {
    const { table, edgeStart, edgeKeyAt, edgeKeyLength, keyLengths, keys } = this.#program
    if ((keyLengths[state]! & (1 << ((to - from) & 31))) === 0) return -1
    const mask = table.length - 1
    for (let slot = edgeSlot(state, hashName(bytes, from, to), mask); table[slot] !== 0; slot = (slot + 1) & mask) {
      const edge = table[slot]! - 1
      if (edge < edgeStart[state]! || edge >= edgeStart[state + 1]!) continue
      const length = edgeKeyLength[edge]!
      if (length === to - from && sameBytes(keys, edgeKeyAt[edge]!, view, from, length)) return edge
    }
    return -1
  }

  /** Follows an edge; when its key was there before in this object, what it had brought is taken back. */
  #take(edge: number, state: number): number {
    const { edgeStart, edgeTarget, edgeColumns, edgeFlags } = this.#program
    this.#hint[state] = edge + 1 < edgeStart[state + 1]! ? edge + 1 : edgeStart[state]!
    const object = this.#object[state]!
    if (this.#edgeObject[edge] === object) {
      if ((edgeFlags[edge]! & IS_ROW) !== 0) this.#columns.rollback()
      else {
        if ((edgeFlags[edge]! & IS_NESTED) !== 0) this.#columns.dropNested()
        for (const column of edgeColumns[edge]!) this.#columns.forget(column)
      }
    }
    this.#edgeObject[edge] = object
    return edgeTarget[edge]!
  }
}
