import { encodeCodePoint, firstMark } from '@millrace/xml'
import type { JsonFaultCell } from './fault.ts'

export const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e

/** 1: ends a run of characters that stand for themselves in a string. */
const STRING_STOPS = new Uint8Array(256)
STRING_STOPS.fill(1, 0, 0x20)
STRING_STOPS[QUOTE] = 1
STRING_STOPS[BACKSLASH] = 1

// Bit 7 of each byte: all but printable ASCII without `"` and `\`; see textMarks of the XML scanner for the trick.
const stringMarks = (word: number): number =>
  ((word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080

/** Position of the next `"`, `\` or control character at or after `start`, or `end`. */
export const stringEnd = (source: DataView, bytes: Uint8Array, start: number, end: number): number => {
  const lastWord = end - 4
  let p = start
  for (;;) {
    let marks = 0
    while (p <= lastWord && (marks = stringMarks(source.getInt32(p, true))) === 0) p += 4
    if (p > lastWord) break
    p += firstMark(marks)
    if (STRING_STOPS[bytes[p]!] !== 0) return p
    p++
  }
  while (p < end && STRING_STOPS[bytes[p]!] === 0) p++
  return p
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

const digits = (bytes: Uint8Array, at: number, end: number): number => {
  let p = at
  while (p < end && isDigit(bytes[p])) p++
  return p
}

/** RFC 8259, section 6. Position after the number at `at`, or -1 with a fault. */
export const numberEnd = (bytes: Uint8Array, at: number, end: number, faults: JsonFaultCell): number => {
  let p = bytes[at] === MINUS ? at + 1 : at
  const whole = p
  p = digits(bytes, p, end)
  if (p === whole) return faults.fail(p === at ? 'no value where one is due' : `'-' without a number`, at)
  if (bytes[whole] === 0x30 && p > whole + 1) return faults.fail('a number with a leading zero', at)
  if (p < end && bytes[p] === DOT) {
    const from = p + 1
    p = digits(bytes, from, end)
    if (p === from) return faults.fail('a number without digits after the point', at)
  }
  if (p < end && (bytes[p]! | 0x20) === 0x65) {
    const from = bytes[p + 1] === PLUS || bytes[p + 1] === MINUS ? p + 2 : p + 1
    p = digits(bytes, from, end)
    if (p <= from) return faults.fail('a number without digits in its exponent', at)
  }
  return p
}

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1
  if (isDigit(byte)) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

const hex4 = (bytes: Uint8Array, at: number): number => {
  let code = 0
  for (let i = at; i < at + 4; i++) {
    const digit = hexDigit(bytes[i])
    if (digit < 0) return -1
    code = code * 16 + digit
  }
  return code
}

const SHORT = new Map(Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }))
const SHORT_ESCAPES = new Uint8Array(256)
for (const [letter, char] of SHORT) SHORT_ESCAPES[letter.charCodeAt(0)] = char.charCodeAt(0)

/** Decodes strings that have escapes into a scratch of its own. */
export class StringDecoder {
  /** The last string's UTF-8. */
  bytes = new Uint8Array(4_096)
  length = 0
  readonly #faults: JsonFaultCell

  constructor(faults: JsonFaultCell) {
    this.#faults = faults
  }

  /** Position of the closing quote of the string whose first character is at `start`, or -1 with a fault. */
  decode(source: DataView, bytes: Uint8Array, start: number, end: number): number {
    this.length = 0
    let p = start
    for (;;) {
      const stop = stringEnd(source, bytes, p, end)
      // A run, and at most 4 bytes for the escape behind it.
      this.#reserve(stop - p + 4)
      if (stop - p < 40) while (p < stop) this.bytes[this.length++] = bytes[p++]!
      else {
        this.bytes.set(bytes.subarray(p, stop), this.length)
        this.length += stop - p
      }
      if (stop >= end) return this.#faults.fail('the message ends inside a string', end)
      if (bytes[stop] === QUOTE) return stop
      if (bytes[stop] !== BACKSLASH) return this.#faults.fail('a control character in a string', stop)
      p = this.#escape(bytes, stop)
      if (p < 0) return -1
    }
  }

  #escape(bytes: Uint8Array, at: number): number {
    const letter = bytes[at + 1] ?? 0
    if (letter !== 0x75) {
      const byte = SHORT_ESCAPES[letter]!
      if (byte === 0) return this.#faults.fail('an escape that JSON does not know', at)
      this.bytes[this.length++] = byte
      return at + 2
    }
    let code = hex4(bytes, at + 2)
    let after = at + 6
    if (code < 0) return this.#faults.fail('\\u is not followed by four hexadecimal digits', at)
    if (code >= 0xd800 && code <= 0xdbff && bytes[after] === BACKSLASH && bytes[after + 1] === 0x75) {
      const low = hex4(bytes, after + 2)
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        after += 6
      }
    }
    if (code >= 0xd800 && code <= 0xdfff) return this.#faults.fail('half a surrogate pair, which is no character', at)
    this.length += encodeCodePoint(code, this.bytes, this.length)
    return after
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
