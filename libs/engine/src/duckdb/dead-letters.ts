import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { StreamPlan } from '../plan/consumption-plan.ts'
import {
  CHUNK_ROWS,
  fillConstantText,
  fillInt32,
  fillInt64,
  fillListEntries,
  fillTimestamps,
  StringFill,
} from './fill.ts'
import { type DeadLetter, ruleName } from './rejects.ts'
import { listOf, type Relation, type RelationColumn, structOf, TYPES } from './relation.ts'
import type { SegmentView } from './segment-view.ts'

/** A quoted value is cut to this many bytes: the raw message has the whole. */
export const QUOTED_BYTES_MAX = 1024
/**
 * A message with more dead letters than this keeps its key and raw bytes with the first of them only; the rest are
 * found by topic, partition and offset. Otherwise one message with a million bad rows would be written a million times.
 */
export const RAW_COPIES_MAX = 16
/** Bounds the text of one chunk: reasons times QUOTED_BYTES_MAX. */
const REASONS_PER_PIECE_MAX = 8_192

const REASON = structOf({ column: TYPES.varchar, rule: TYPES.varchar, value: TYPES.varchar, message: TYPES.varchar })

/** Columns of the relation behind a dead-letter file; the file adds stream, batch and rejected_at. */
export const DEAD_LETTER_COLUMNS: readonly RelationColumn[] = [
  { name: 'topic', type: TYPES.varchar },
  { name: 'partition', type: TYPES.integer },
  { name: 'offset', type: TYPES.bigint },
  { name: 'timestamp', type: TYPES.timestamptz },
  { name: 'key', type: TYPES.blob },
  { name: 'raw', type: TYPES.blob },
  { name: 'row_ordinal', type: TYPES.integer },
  { name: 'reasons', type: listOf(REASON) },
]

/** Bytes of many texts, one after the other. */
class Pool {
  bytes = new Uint8Array(65_536)
  length = 0

  /** Appends and answers where it begins. */
  add(bytes: Uint8Array, from: number, to: number): number {
    const need = this.length + to - from
    if (need > this.bytes.length) {
      const larger = new Uint8Array(Math.max(need, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    for (let i = from, at = this.length; i < to; i++) this.bytes[at++] = bytes[i]!
    const start = this.length
    this.length = need
    return start
  }
}

interface Piece {
  readonly view: SegmentView
  readonly from: number
  readonly to: number
}

const encoder = new TextEncoder()
const reasonsOf = (letter: DeadLetter): number => (letter.kind === 'row' ? letter.faults.length : 1)

/** End of at most QUOTED_BYTES_MAX bytes that does not cut a character. */
const quotedEnd = (bytes: Uint8Array, start: number, end: number): number => {
  if (end - start <= QUOTED_BYTES_MAX) return end
  let cut = start + QUOTED_BYTES_MAX
  while (cut > start && (bytes[cut]! & 0xc0) === 0x80) cut--
  return cut
}

/** First row of the message that `row` belongs to: rows of a message lie side by side. */
const firstRowOfMessage = (rowMessage: Uint32Array, row: number): number => {
  const message = rowMessage[row]!
  let low = 0
  let high = row
  while (low < high) {
    const middle = (low + high) >> 1
    if (rowMessage[middle]! < message) low = middle + 1
    else high = middle
  }
  return low
}

/** True for each letter that carries its message's key and raw bytes. */
const carriers = (letters: readonly DeadLetter[]): Uint8Array => {
  const carries = new Uint8Array(letters.length)
  for (let from = 0, to = 0; from < letters.length; from = to) {
    const first = letters[from]!
    while (to < letters.length && letters[to]!.view === first.view && letters[to]!.message === first.message) to++
    carries.fill(1, from, to - from > RAW_COPIES_MAX ? from + 1 : to)
  }
  return carries
}

const cut = (letters: readonly DeadLetter[]): readonly Piece[] => {
  const pieces: Piece[] = []
  for (let from = 0, to = 0; from < letters.length; from = to) {
    const { view } = letters[from]!
    for (let reasons = 0; to < letters.length && letters[to]!.view === view && to - from < CHUNK_ROWS; to++) {
      reasons += reasonsOf(letters[to]!)
      if (reasons > REASONS_PER_PIECE_MAX && to > from) break
    }
    pieces.push({ view, from, to })
  }
  return pieces
}

/** The dead letters of one stream's batch as rows. */
export class DeadLetterRelation implements Relation {
  readonly rows: number
  readonly #stream: StreamPlan
  readonly #letters: readonly DeadLetter[]
  readonly #carries: Uint8Array
  readonly #pieces: readonly Piece[]
  readonly #strings = new StringFill()

  constructor(stream: StreamPlan, letters: readonly DeadLetter[]) {
    this.#stream = stream
    this.#letters = letters
    this.#carries = carriers(letters)
    this.#pieces = cut(letters)
    this.rows = letters.length
  }

  get pieces(): number {
    return this.#pieces.length
  }

  rowsOf(piece: number): number {
    const { from, to } = this.#pieces[piece]!
    return to - from
  }

  fill(piece: number, column: number, vector: Vector): void {
    const { view, from, to } = this.#pieces[piece]!
    const rows = to - from
    const messageOf = (row: number): number => this.#letters[from + row]!.message
    switch (DEAD_LETTER_COLUMNS[column]?.name) {
      case 'topic':
        fillConstantText(vector, encoder.encode(view.segment.topic), rows)
        break
      case 'partition':
        fillInt32(vector, () => view.segment.partition, rows)
        break
      case 'offset':
        fillInt64(vector, view.offsetWords, messageOf, rows)
        break
      case 'timestamp':
        fillTimestamps(vector, view.timestamps_ms, messageOf, rows)
        break
      case 'key':
        this.#fillCarried(vector, view, view.keys, from, rows)
        break
      case 'raw':
        this.#fillCarried(vector, view, view.values, from, rows)
        break
      case 'row_ordinal':
        this.#fillOrdinal(vector, view, from, rows)
        break
      case 'reasons':
        this.#fillReasons(vector, view, from, rows)
        break
    }
  }

  #fillCarried(vector: Vector, view: SegmentView, spans: Int32Array, from: number, rows: number): void {
    const pool = new Pool()
    const starts = new Int32Array(rows)
    for (let row = 0, last = -1; row < rows; row++) {
      const { message } = this.#letters[from + row]!
      const length = this.#carries[from + row] === 1 ? spans[message * 2 + 1]! : -1
      // Rows of one message share its bytes.
      if (length < 0) starts[row] = -1
      else if (message === last) starts[row] = starts[row - 1]!
      else starts[row] = pool.add(view.raw, spans[message * 2]!, spans[message * 2]! + length)
      last = message
    }
    this.#strings.begin(vector, rows, pool.bytes, 0, pool.length, 'bytes')
    for (let row = 0; row < rows; row++) {
      const length = spans[this.#letters[from + row]!.message * 2 + 1]!
      if (starts[row]! < 0) this.#strings.putNull()
      else this.#strings.put(starts[row]!, starts[row]! + length)
    }
    this.#strings.end()
  }

  #fillOrdinal(vector: Vector, view: SegmentView, from: number, rows: number): void {
    fillInt32(
      vector,
      (row) => {
        const letter = this.#letters[from + row]!
        return letter.kind === 'row' ? letter.row - firstRowOfMessage(view.rowMessage, letter.row) : undefined
      },
      rows,
    )
  }

  #fillReasons(vector: Vector, view: SegmentView, from: number, rows: number): void {
    const letters = this.#letters.slice(from, from + rows)
    const counts = Int32Array.from(letters, reasonsOf)
    const reasons = counts.reduce((sum, count) => sum + count, 0)
    duckdb.list_vector_reserve(vector, reasons)
    duckdb.list_vector_set_size(vector, reasons)
    fillListEntries(vector, counts, rows)
    const child = duckdb.list_vector_get_child(vector)
    const { faults } = this.#stream
    const text = (index: number, ofFault: (fault: number) => string | undefined, ofMessage: number): void => {
      this.#fillTexts(duckdb.struct_vector_get_child(child, index), letters, reasons, ofFault, ofMessage)
    }
    text(0, (f) => faults[f]!.column, 0)
    text(1, (f) => ruleName(faults[f]!), 1)
    this.#fillValues(duckdb.struct_vector_get_child(child, 2), view, letters, reasons)
    text(3, (f) => faults[f]!.message, 2)
  }

  /** Column, rule or message of each reason: `ofMessage` says what an undecodable message has there. */
  #fillTexts(
    vector: Vector,
    letters: readonly DeadLetter[],
    reasons: number,
    ofFault: (fault: number) => string | undefined,
    ofMessage: number,
  ): void {
    const pool = new Pool()
    const places = new Map<string, { readonly start: number; readonly end: number }>()
    const starts = new Int32Array(reasons)
    const ends = new Int32Array(reasons)
    let at = 0
    const placeOf = (text: string) => {
      const known = places.get(text)
      if (known !== undefined) return known
      const bytes = encoder.encode(text)
      const start = pool.add(bytes, 0, quotedEnd(bytes, 0, bytes.length))
      const place = { start, end: pool.length }
      places.set(text, place)
      return place
    }
    const note = (text: string | undefined): void => {
      const place = text === undefined ? undefined : placeOf(text)
      starts[at] = place?.start ?? -1
      ends[at++] = place?.end ?? 0
    }
    for (const letter of letters) {
      if (letter.kind === 'row') for (const fault of letter.faults) note(ofFault(fault))
      else note(ofMessage === 0 ? undefined : ofMessage === 1 ? letter.reject.code : letter.reject.detail)
    }
    this.#strings.begin(vector, reasons, pool.bytes, 0, pool.length, 'text')
    for (let i = 0; i < reasons; i++) {
      if (starts[i]! < 0) this.#strings.putNull()
      else this.#strings.put(starts[i]!, ends[i]!)
    }
    this.#strings.end()
  }

  /** The text that the arena has for each reason's column. */
  #fillValues(vector: Vector, view: SegmentView, letters: readonly DeadLetter[], reasons: number): void {
    const pool = new Pool()
    const starts = new Int32Array(reasons).fill(-1)
    const ends = new Int32Array(reasons)
    let at = 0
    for (const letter of letters) {
      if (letter.kind === 'message') at++
      else {
        for (const fault of letter.faults) {
          const arena = this.#stream.faults[fault]!.arenaColumn
          const column = arena === undefined ? undefined : view.columns[arena]
          if (column !== undefined && column.nulls[letter.row] === 0) {
            const begin = letter.row === 0 ? 0 : column.ends[letter.row - 1]!
            starts[at] = pool.add(column.data, begin, quotedEnd(column.data, begin, column.ends[letter.row]!))
            ends[at] = pool.length
          }
          at++
        }
      }
    }
    this.#strings.begin(vector, reasons, pool.bytes, 0, pool.length, 'text')
    for (let i = 0; i < reasons; i++) {
      if (starts[i]! < 0) this.#strings.putNull()
      else this.#strings.put(starts[i]!, ends[i]!)
    }
    this.#strings.end()
  }
}
