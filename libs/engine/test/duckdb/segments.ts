import type { Segment, SegmentColumn } from '../../src/runtime/segment.ts'

export interface TestMessage {
  readonly timestamp_ms?: number
  readonly key?: string | null
  readonly raw?: string | Uint8Array | null
  readonly headers?: readonly (readonly [string, string | null])[]
  /** Values by column, as text; a message with `reject` has none. */
  readonly rows?: readonly (readonly (string | null)[])[]
  readonly reject?: { readonly code: string; readonly detail: string }
}

export interface TestSegment {
  readonly stream?: number
  readonly topic?: string
  readonly partition?: number
  readonly start?: number
  readonly messages: readonly TestMessage[]
}

const encoder = new TextEncoder()

const shared = <T extends { byteLength: number; buffer: ArrayBufferLike; byteOffset: number }>(
  array: T,
): SharedArrayBuffer => {
  const buffer = new SharedArrayBuffer(array.byteLength)
  new Uint8Array(buffer).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return buffer
}

/** Appends pieces and remembers [start, length] of each; length −1 is null. */
class Spans {
  readonly bytes: number[]
  readonly pairs: number[] = []
  constructor(bytes: number[]) {
    this.bytes = bytes
  }
  add(piece: Uint8Array | null): void {
    this.pairs.push(this.bytes.length, piece === null ? -1 : piece.length)
    if (piece !== null) for (const byte of piece) this.bytes.push(byte)
  }
}

const varint = (value: number): number[] => {
  const out: number[] = []
  let rest = (value << 1) ^ (value >> 31)
  while (rest >>> 7 !== 0) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...out, rest]
}

const headerBytes = (headers: NonNullable<TestMessage['headers']>): Uint8Array =>
  Uint8Array.from([
    ...varint(headers.length),
    ...headers.flatMap(([key, value]) => {
      const name = encoder.encode(key)
      const text = value === null ? null : encoder.encode(value)
      return [...varint(name.length), ...name, ...varint(text?.length ?? -1), ...(text ?? [])]
    }),
  ])

const bytesOf = (value: string | Uint8Array | null | undefined): Uint8Array | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? encoder.encode(value) : value

const columnOf = (rows: readonly (readonly (string | null)[])[], index: number): SegmentColumn => {
  const encoded = rows.map((row) => bytesOf(row[index] ?? null))
  const data = new Uint8Array(encoded.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0))
  const ends = new Uint32Array(rows.length)
  const nulls = new Uint8Array(rows.length)
  let at = 0
  encoded.forEach((bytes, row) => {
    if (bytes === null) nulls[row] = 1
    else data.set(bytes, at)
    at += bytes?.length ?? 0
    ends[row] = at
  })
  return { data: shared(data), ends: shared(ends), nulls: shared(nulls) }
}

let ids = 0

/** A segment as the feed would make it, of messages written down by hand. */
export const segmentOf = (given: TestSegment, columns: number): Segment => {
  const { stream = 0, topic = 'books', partition = 0, start = 0, messages } = given
  const bytes: number[] = []
  const values = new Spans(bytes)
  const keys = new Spans(bytes)
  const headers = new Spans(bytes)
  const rowMessage: number[] = []
  const rows: (readonly (string | null)[])[] = []
  messages.forEach((message, index) => {
    values.add(bytesOf(message.raw === undefined ? `<m n="${index}"/>` : message.raw))
    keys.add(bytesOf(message.key))
    headers.add(headerBytes(message.headers ?? []))
    for (const row of message.rows ?? []) {
      rows.push(row)
      rowMessage.push(index)
    }
  })
  const timestamps = messages.map((message) => BigInt(message.timestamp_ms ?? 1_700_000_000_000))
  return {
    id: ids++,
    stream,
    topic,
    partition,
    start: BigInt(start),
    end: BigInt(start + messages.length),
    messages: messages.length,
    rows: rows.length,
    bytes: bytes.length,
    raw: shared(Uint8Array.from(bytes)),
    offsets: shared(BigInt64Array.from(messages, (_, i) => BigInt(start + i))),
    timestamps_ms: shared(BigInt64Array.from(timestamps)),
    values: shared(Int32Array.from(values.pairs)),
    keys: shared(Int32Array.from(keys.pairs)),
    headers: shared(Int32Array.from(headers.pairs)),
    rowMessage: shared(Uint32Array.from(rowMessage)),
    columns: Array.from({ length: columns }, (_, i) => columnOf(rows, i)),
    rejects: messages.flatMap((message, index) =>
      message.reject === undefined ? [] : [{ message: index, ...message.reject }],
    ),
  }
}
