import { isUtf8 } from 'node:buffer'
import type { RecordSpans } from '../../sources/record-batch/index.ts'

/**
 * Are all values of the messages [from, to) valid UTF-8? One native call for the whole run: what lies between the values
 * (lengths, keys, headers: binary) is overwritten with zeros first, so `table.bytes` keeps its values only. The zeros
 * also keep two values from making up one character together.
 */
export const areUtf8 = (table: RecordSpans, from: number, to: number, start: number, end: number): boolean => {
  const { bytes, valueStart, valueLength } = table
  let at = start
  for (let i = from; i < to; i++) {
    const length = valueLength[i]!
    if (length <= 0) continue
    const value = valueStart[i]!
    blank(bytes, at, value)
    at = value + length
  }
  blank(bytes, at, end)
  return isUtf8(bytes.subarray(start, end))
}

export const isValueUtf8 = (table: RecordSpans, message: number): boolean => {
  const start = table.valueStart[message]!
  return isUtf8(table.bytes.subarray(start, start + table.valueLength[message]!))
}

const blank = (bytes: Uint8Array, start: number, end: number): void => {
  if (end - start > 100) bytes.fill(0, start, end)
  else for (let i = start; i < end; i++) bytes[i] = 0
}
