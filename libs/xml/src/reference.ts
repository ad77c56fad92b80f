import { encodeCodePoint, isXmlCode } from './chars.ts'
import { excerpt, type FaultCell } from './fault.ts'

const HASH = 0x23
const SEMICOLON = 0x3b

/** Reads `&…;`: the five predefined entities and character references; everything else is a fault. */
export class ReferenceReader {
  /** UTF-8 of the last reference's character. */
  readonly bytes = new Uint8Array(4)
  length = 0
  readonly #faults: FaultCell

  constructor(faults: FaultCell) {
    this.#faults = faults
  }

  /** Position after the reference whose `&` is at `at`, or -1 with a fault. */
  read(bytes: Uint8Array, at: number, end: number): number {
    const close = bytes[at + 1] === HASH ? this.#number(bytes, at, end) : this.#named(bytes, at)
    if (close < 0 || close >= end || bytes[close] !== SEMICOLON) {
      let to = at + 1
      while (to < end && to < at + 12 && bytes[to] !== SEMICOLON) to++
      return this.#faults.malformed(`'${excerpt(bytes, at, to + 1)}' is not a reference that XML knows`, at)
    }
    return close + 1
  }

  #named(bytes: Uint8Array, at: number): number {
    const a = bytes[at + 1]
    const b = bytes[at + 2]
    const c = bytes[at + 3]
    this.length = 1
    if (b === 0x74 && (a === 0x6c || a === 0x67)) {
      this.bytes[0] = a === 0x6c ? 0x3c : 0x3e
      return at + 3
    }
    if (a === 0x61 && b === 0x6d && c === 0x70) {
      this.bytes[0] = 0x26
      return at + 4
    }
    const d = bytes[at + 4]
    if (a === 0x61 && b === 0x70 && c === 0x6f && d === 0x73) {
      this.bytes[0] = 0x27
      return at + 5
    }
    if (a === 0x71 && b === 0x75 && c === 0x6f && d === 0x74) {
      this.bytes[0] = 0x22
      return at + 5
    }
    return -1
  }

  #number(bytes: Uint8Array, at: number, end: number): number {
    const hex = bytes[at + 2] === 0x78
    const from = at + (hex ? 3 : 2)
    let code = 0
    let p = from
    for (; p < end; p++) {
      const c = bytes[p]!
      let digit = -1
      if (c >= 0x30 && c <= 0x39) digit = c - 0x30
      else if (hex && (c | 0x20) >= 0x61 && (c | 0x20) <= 0x66) digit = (c | 0x20) - 0x57
      if (digit < 0) break
      // Past the last code point the value no longer matters, only that it is refused.
      if (code <= 0x10ffff) code = code * (hex ? 16 : 10) + digit
    }
    if (p === from || !isXmlCode(code)) return -1
    this.length = encodeCodePoint(code, this.bytes, 0)
    return p
  }
}
