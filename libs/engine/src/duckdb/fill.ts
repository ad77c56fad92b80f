import { isUtf8 } from 'node:buffer'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import { assert } from '../core/errors/index.ts'

/**
 * Writes DuckDB vectors from bytes, with no JavaScript value made per row.
 *
 * A text vector is an array of `duckdb_string_t` (duckdb.h, 16 bytes): length as uint32, then either up to 12 bytes of
 * text in place, or the first four bytes and a pointer to the whole. The bytes that rows point at are handed over as
 * ONE string element: DuckDB copies them into memory that lives as long as the vector, and the pointer is read back
 * from there. Two guards, because a record with a wrong pointer is a crash and not an error: the bytes must be UTF-8,
 * and DuckDB must have taken them (it writes an empty record for what it refuses).
 */
export const CHUNK_ROWS = duckdb.vector_size()
const RECORD_BYTES = 16
const INLINE_BYTES_MAX = 12
const HIGH_WORD = 2 ** 32

/** Scratch for one vector. Ordinary memory: the binding refuses shared memory as a source. Grows, never shrinks. */
class Scratch {
  buffer = new ArrayBuffer(CHUNK_ROWS * RECORD_BYTES)
  bytes = new Uint8Array(this.buffer)
  words = new Uint32Array(this.buffer)
  doubles = new Float64Array(this.buffer)

  reserve(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return
    this.buffer = new ArrayBuffer(Math.ceil(Math.max(bytes, this.buffer.byteLength * 2) / 16) * 16)
    this.bytes = new Uint8Array(this.buffer)
    this.words = new Uint32Array(this.buffer)
    this.doubles = new Float64Array(this.buffer)
  }
}
/** Shared by all fills of this thread: a fill is synchronous and ends before the next begins. */
const scratch = new Scratch()
const validity = new Scratch()

/** Whether the vector holds text, which must be UTF-8, or bytes of any kind. */
export type Content = 'text' | 'bytes'

/** Hands `bytes` to the vector as one element; answers where DuckDB keeps them. */
const place = (vector: Vector, bytes: Uint8Array): number => {
  duckdb.vector_assign_string_element_len(vector, 0, bytes)
  const record = duckdb.vector_get_data(vector, RECORD_BYTES)
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES)
  const address = view.getUint32(8, true) + view.getUint32(12, true) * HIGH_WORD
  assert(view.getUint32(0, true) === bytes.length && address > 0, 'DuckDB did not take the bytes of a text vector')
  for (let i = 0; i < 4; i++) assert(view.getUint8(4 + i) === bytes[i], 'DuckDB holds other bytes than it was given')
  return address
}

/**
 * Writes string records for one vector. `begin` says which bytes rows may point into; then one `put` or `putNull` per
 * row, in order; `end` sends them off. Bytes longer than 12 are handed over at the first row that needs them.
 */
export class StringFill {
  #vector!: Vector
  #bytes!: Uint8Array
  #from = 0
  #to = 0
  #address = 0
  #rows = 0
  #nulls = 0

  begin(vector: Vector, rows: number, bytes: Uint8Array, from: number, to: number, content: Content): void {
    scratch.reserve(rows * RECORD_BYTES)
    this.#vector = vector
    this.#bytes = bytes
    this.#from = from
    this.#to = to
    this.#address = 0
    this.#rows = 0
    this.#nulls = 0
    if (content === 'text' && to > from) {
      assert(isUtf8(bytes.subarray(from, to)), 'a text column of an arena is not valid UTF-8')
    }
  }

  putNull(): void {
    if (this.#nulls++ === 0) clearValidity(Math.max(this.#rows + 1, CHUNK_ROWS))
    markNull(this.#rows)
    const at = this.#rows++ * 4
    const { words } = scratch
    words[at] = 0
    words[at + 1] = 0
    words[at + 2] = 0
    words[at + 3] = 0
  }

  /** The row's value is bytes [start, end), which lie within those that `begin` named. */
  put(start: number, end: number): void {
    const length = end - start
    const at = this.#rows++ * 4
    const { words, bytes: out } = scratch
    const bytes = this.#bytes
    // A pointer outside of the bytes that DuckDB was given would be a crash.
    assert(length >= 0 && start >= this.#from && end <= this.#to, 'a value lies outside of its arena')
    words[at] = length
    if (length > INLINE_BYTES_MAX) {
      if (this.#address === 0) this.#address = place(this.#vector, bytes.subarray(this.#from, this.#to))
      const address = this.#address + (start - this.#from)
      words[at + 1] = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)
      words[at + 2] = address
      words[at + 3] = address / HIGH_WORD
      return
    }
    words[at + 1] = 0
    words[at + 2] = 0
    words[at + 3] = 0
    let to = at * 4 + 4
    for (let i = start; i < end; i++) out[to++] = bytes[i]!
  }

  end(): void {
    if (this.#rows === 0) return
    duckdb.copy_data_to_vector(this.#vector, 0, scratch.buffer, 0, this.#rows * RECORD_BYTES)
    if (this.#nulls > 0) writeValidity(this.#vector, this.#rows)
  }
}

const clearValidity = (rows: number): void => {
  validity.reserve(Math.ceil(rows / 64) * 8)
  validity.bytes.fill(0xff)
}

const markNull = (row: number): void => {
  const byte = row >> 3
  if (byte >= validity.bytes.length) {
    const kept = validity.bytes
    validity.reserve(byte + 8)
    validity.bytes.fill(0xff)
    validity.bytes.set(kept)
  }
  validity.bytes[byte]! &= ~(1 << (row & 7))
}

const writeValidity = (vector: Vector, rows: number): void => {
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(rows / 64) * 8)
}

const strings = new StringFill()

/** A run of rows of a column arena: row r ends at `ends[r]` and begins where the row before it ends. */
export const fillText = (
  vector: Vector,
  column: { readonly data: Uint8Array; readonly ends: Uint32Array; readonly nulls: Uint8Array },
  from: number,
  rows: number,
): void => {
  const { data, ends, nulls } = column
  let start = from === 0 ? 0 : ends[from - 1]!
  strings.begin(vector, rows, data, start, ends[from + rows - 1]!, 'text')
  for (let row = from, to = from + rows; row < to; row++) {
    const end = ends[row]!
    // A value that begins inside a character would be invalid although the run as a whole is not.
    if (nulls[row] !== 0) strings.putNull()
    else {
      assert(end === start || (data[start]! & 0xc0) !== 0x80, 'an arena value begins inside a character')
      strings.put(start, end)
    }
    start = end
  }
  strings.end()
}

/** The same text in every row. */
export const fillConstantText = (vector: Vector, text: Uint8Array, rows: number): void => {
  strings.begin(vector, rows, text, 0, text.length, 'text')
  for (let row = 0; row < rows; row++) strings.put(0, text.length)
  strings.end()
}

/** `spans` yields row r's [start, length] at 2·message; length −1 is NULL. Rows may share and skip bytes. */
export const fillSpans = (
  vector: Vector,
  bytes: Uint8Array,
  spans: Int32Array,
  messageOf: (row: number) => number,
  rows: number,
): void => {
  let from = Number.MAX_SAFE_INTEGER
  let to = 0
  for (let row = 0; row < rows; row++) {
    const at = messageOf(row) * 2
    const length = spans[at + 1]!
    if (length <= 0) continue
    from = Math.min(from, spans[at]!)
    to = Math.max(to, spans[at]! + length)
  }
  strings.begin(vector, rows, bytes, Math.min(from, to), to, 'bytes')
  for (let row = 0; row < rows; row++) {
    const at = messageOf(row) * 2
    const start = spans[at]!
    const length = spans[at + 1]!
    if (length < 0) strings.putNull()
    else if (length === 0) strings.put(to, to)
    else strings.put(start, start + length)
  }
  strings.end()
}

/** Ascending 64-bit row numbers. */
export const fillOrdinals = (vector: Vector, first: number, rows: number): void => {
  const { words } = scratch
  for (let row = 0, at = 0; row < rows; row++, at += 2) {
    words[at] = first + row
    words[at + 1] = (first + row) / HIGH_WORD
  }
  duckdb.copy_data_to_vector(vector, 0, scratch.buffer, 0, rows * 8)
}

/** 32-bit integers; undefined is NULL. */
export const fillInt32 = (vector: Vector, numberOf: (row: number) => number | undefined, rows: number): void => {
  const { words } = scratch
  let nulls = 0
  for (let row = 0; row < rows; row++) {
    const value = numberOf(row)
    if (value === undefined) {
      if (nulls++ === 0) clearValidity(CHUNK_ROWS)
      markNull(row)
    }
    words[row] = value ?? 0
  }
  duckdb.copy_data_to_vector(vector, 0, scratch.buffer, 0, rows * 4)
  if (nulls > 0) writeValidity(vector, rows)
}

/** 64-bit integers gathered as pairs of words from `source`, the memory of a BigInt64Array. */
export const fillInt64 = (
  vector: Vector,
  source: Uint32Array,
  indexOf: (row: number) => number,
  rows: number,
): void => {
  const { words } = scratch
  for (let row = 0, at = 0; row < rows; row++, at += 2) {
    const from = indexOf(row) * 2
    words[at] = source[from]!
    words[at + 1] = source[from + 1]!
  }
  duckdb.copy_data_to_vector(vector, 0, scratch.buffer, 0, rows * 8)
}

/** Last instant that DuckDB's TIMESTAMP can hold, in ms: the year 294247. */
const TIMESTAMP_MS_MAX = 9_223_372_036_854_775n - 1n

/** Kafka timestamps in ms as TIMESTAMP in µs. Negative (−1: the message has none) and out-of-range ones are NULL. */
export const fillTimestamps = (
  vector: Vector,
  source: BigInt64Array,
  indexOf: (row: number) => number,
  rows: number,
): void => {
  const out = new BigInt64Array(scratch.buffer, 0, rows)
  let nulls = 0
  for (let row = 0; row < rows; row++) {
    const ms = source[indexOf(row)]!
    if (ms < 0n || ms > TIMESTAMP_MS_MAX) {
      if (nulls++ === 0) clearValidity(CHUNK_ROWS)
      markNull(row)
      out[row] = 0n
    } else out[row] = ms * 1000n
  }
  duckdb.copy_data_to_vector(vector, 0, scratch.buffer, 0, rows * 8)
  if (nulls > 0) writeValidity(vector, rows)
}

/** List entries (offset and length) of rows whose children lie one after the other; a count of −1 is a NULL list. */
export const fillListEntries = (vector: Vector, counts: Int32Array, rows: number): void => {
  const { words } = scratch
  let offset = 0
  let nulls = 0
  for (let row = 0; row < rows; row++) {
    const count = counts[row]!
    if (count < 0) {
      if (nulls++ === 0) clearValidity(CHUNK_ROWS)
      markNull(row)
    }
    words[row * 4] = offset
    words[row * 4 + 1] = 0
    words[row * 4 + 2] = Math.max(0, count)
    words[row * 4 + 3] = 0
    offset += Math.max(0, count)
  }
  duckdb.copy_data_to_vector(vector, 0, scratch.buffer, 0, rows * RECORD_BYTES)
  if (nulls > 0) writeValidity(vector, rows)
}
