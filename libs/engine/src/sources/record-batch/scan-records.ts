import { type ErrorPlace, MillraceError } from '../../core/errors/index.ts'
import type { RecordSpans } from './spans.ts'

/** Where the varint reader stands. One per module, since scanning is synchronous: reading a varint allocates nothing. */
let at = 0

const cutShort = (): never => {
  throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'a record ends in the middle of a number')
}

/** Zigzag varint of 32 bits; moves `at`. */
const varint = (bytes: Uint8Array, end: number): number => {
  let result = 0
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) return cutShort()
    const byte = bytes[at++]!
    result |= (byte & 127) << shift
    if (byte < 128) return (result >>> 1) ^ -(result & 1)
  }
  throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'a number in a record has more than five bytes')
}

/** Zigzag varint of 64 bits as a number: exact up to 2^53, which is some 285,000 years in milliseconds. */
const varlong = (bytes: Uint8Array, end: number): number => {
  let low = 0
  let high = 0
  let byte = 128
  let shift = 0
  for (; byte >= 128 && shift < 70; shift += 7) {
    if (at >= end) return cutShort()
    byte = bytes[at++]!
    if (shift < 28) low += (byte & 127) * 2 ** shift
    else high += (byte & 127) * 2 ** (shift - 28)
  }
  if (byte >= 128) throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'a number in a record has more than ten bytes')
  const zigzag = high * 268_435_456 + low
  return low % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
}

export interface RecordsHeader {
  readonly baseOffset: number
  readonly baseTimestamp: number
  /** Set for log append time: the one time of all its records. */
  readonly appendTime: number | undefined
  readonly count: number
}

/**
 * Adds the spans of `header.count` records that lie in `bytes[start, end)` to the table, but for those below `from`.
 * Throws ENG_KAFKA_RECORD_FORMAT when lengths and counts do not fit together.
 */
export const scanRecords = (
  bytes: Uint8Array,
  start: number,
  end: number,
  header: RecordsHeader,
  from: number,
  table: RecordSpans,
  place: ErrorPlace = {},
): void => {
  const { baseOffset, baseTimestamp, appendTime, count } = header
  table.reserve(table.count + count)
  const { offsetHalves, timestampHalves, valueStart, valueLength } = table
  const { keyStart, keyLength, headersStart, headersLength } = table
  let row = table.count
  at = start
  for (let i = 0; i < count; i++) {
    const length = varint(bytes, end)
    const recordEnd = at + length
    if (length < 0 || recordEnd > end) throw misfit(place)
    at++
    const delta = at < recordEnd && bytes[at]! < 128 ? smallVarlong(bytes[at++]!) : varlong(bytes, recordEnd)
    const time = appendTime ?? baseTimestamp + delta
    const offset = baseOffset + varint(bytes, recordEnd)
    const keyBytes = varint(bytes, recordEnd)
    const keyAt = at
    if (keyBytes > 0) at += keyBytes
    const valueBytes = varint(bytes, recordEnd)
    const valueAt = at
    if (valueBytes > 0) at += valueBytes
    if (at > recordEnd || keyBytes < -1 || valueBytes < -1) throw misfit(place)
    if (offset >= from) {
      offsetHalves[row * 2] = offset | 0
      offsetHalves[row * 2 + 1] = Math.floor(offset / 4_294_967_296)
      timestampHalves[row * 2] = time | 0
      timestampHalves[row * 2 + 1] = Math.floor(time / 4_294_967_296)
      keyStart[row] = keyAt
      keyLength[row] = keyBytes
      valueStart[row] = valueAt
      valueLength[row] = valueBytes
      headersStart[row] = at
      headersLength[row] = recordEnd - at
      row++
    }
    at = recordEnd
  }
  if (at !== end) throw misfit(place)
  table.count = row
}

const smallVarlong = (byte: number): number => (byte >>> 1) ^ -(byte & 1)

const misfit = (place: ErrorPlace): MillraceError =>
  new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'the lengths in a record batch do not fit together', place)
