import duckdb, { type Vector } from '@duckdb/node-bindings'
import { fillListEntries, StringFill } from './fill.ts'

interface Header {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** Reads zigzag varints (KIP-98) of a headers section. */
class Reader {
  readonly #bytes: Uint8Array
  #at: number
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  varint(): number {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = this.#bytes[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
      shift += 7
    }
  }
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Headers of one message: varint count, then key length, key, value length (−1: null), value (KIP-82). */
export const readHeaders = (bytes: Uint8Array, start: number, length: number): readonly Header[] => {
  if (length <= 0) return []
  const reader = new Reader(bytes, start)
  return Array.from({ length: reader.varint() }, () => {
    const key = reader.take(reader.varint())
    const size = reader.varint()
    return { key, value: size < 0 ? undefined : reader.take(size) }
  })
}

const fillStrings = (vector: Vector, values: readonly (Uint8Array | undefined)[], content: 'text' | 'bytes'): void => {
  const pool = new Uint8Array(values.reduce((sum, value) => sum + (value?.length ?? 0), 0))
  const fill = new StringFill()
  let at = 0
  for (const value of values) {
    if (value !== undefined) pool.set(value, at)
    at += value?.length ?? 0
  }
  fill.begin(vector, values.length, pool, 0, pool.length, content)
  at = 0
  for (const value of values) {
    if (value === undefined) fill.putNull()
    else fill.put(at, (at += value.length))
  }
  fill.end()
}

/**
 * `STRUCT("key" VARCHAR, "value" BLOB)[]` per row. The slow way, on purpose: few pipelines read headers. A key that is
 * not UTF-8 has its bad bytes replaced, as every Kafka client does.
 */
export const fillHeaders = (
  vector: Vector,
  bytes: Uint8Array,
  spans: Int32Array,
  messageOf: (row: number) => number,
  rows: number,
): void => {
  const counts = new Int32Array(rows)
  const all: Header[] = []
  for (let row = 0; row < rows; row++) {
    const at = messageOf(row) * 2
    const headers = readHeaders(bytes, spans[at]!, spans[at + 1]!)
    counts[row] = headers.length
    for (const header of headers) all.push(header)
  }
  duckdb.list_vector_reserve(vector, all.length)
  duckdb.list_vector_set_size(vector, all.length)
  fillListEntries(vector, counts, rows)
  if (all.length === 0) return
  const child = duckdb.list_vector_get_child(vector)
  const keys = all.map((header) => encoder.encode(decoder.decode(header.key)))
  fillStrings(duckdb.struct_vector_get_child(child, 0), keys, 'text')
  fillStrings(
    duckdb.struct_vector_get_child(child, 1),
    all.map((header) => header.value),
    'bytes',
  )
}
