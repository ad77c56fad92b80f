import { ATTRIBUTE_STOPS, isNonCharacter, isSpace } from './chars.ts'
import type { XmlProgram } from './compile.ts'
import { excerpt, type FaultCell } from './fault.ts'
import { AttributeNames, NameReader } from './names.ts'
import type { ReferenceReader } from './reference.ts'
import type { RowWriter } from './row-writer.ts'
import { sameBytes } from './words.ts'

const SPACE_BYTE = Uint8Array.of(0x20)
const XMLNS = new DataView(Uint8Array.from('xmlns:', (char) => char.charCodeAt(0)).buffer)
const QUOTE = 0x22
const APOSTROPHE = 0x27
const SLASH = 0x2f
const LESS = 0x3c
const EQUALS = 0x3d
const GREATER = 0x3e
const AMPERSAND = 0x26
const CR = 0x0d
const LF = 0x0a

/** Reads what follows an element's name in its start tag. Values are normalised as XML 1.0, 3.3.3 says. */
export class AttributeReader {
  /** The last tag ended in `/>`. */
  selfClosed = false
  readonly #program: XmlProgram
  readonly #faults: FaultCell
  readonly #references: ReferenceReader
  readonly #writer: RowWriter
  readonly #name = new NameReader()
  readonly #names: AttributeNames

  constructor(program: XmlProgram, faults: FaultCell, references: ReferenceReader, writer: RowWriter) {
    this.#program = program
    this.#faults = faults
    this.#references = references
    this.#writer = writer
    this.#names = new AttributeNames(program.limits.attributes_max)
  }

  /** Position after the tag's `>`, or -1 with a fault; `at` is right behind the element's name. */
  read(bytes: Uint8Array, at: number, end: number, state: number): number {
    this.selfClosed = false
    this.#names.clear()
    let p = at
    while (p < end) {
      const before = p
      while (p < end && isSpace(bytes[p])) p++
      if (bytes[p] === GREATER) return p + 1
      if (bytes[p] === SLASH) {
        if (bytes[p + 1] !== GREATER) return this.#faults.malformed(`'/' in a tag is not followed by '>'`, p)
        this.selfClosed = true
        return p + 2
      }
      if (p === before) return this.#faults.malformed('a character in a tag that belongs to no name or attribute', p)
      p = this.#attribute(bytes, p, end, state)
      if (p < 0) return -1
    }
    return this.#faults.malformed('the message ends inside a tag', end)
  }

  #attribute(bytes: Uint8Array, at: number, end: number, state: number): number {
    const nameEnd = this.#name.read(bytes, at, end)
    if (nameEnd < 0) return this.#faults.malformed('no attribute name where one is due', at)
    if (this.#names.count === this.#program.limits.attributes_max)
      return this.#faults.fail('limit', `an element has more than ${this.#names.count} attributes`, at)
    if (!this.#names.add(this.#writer.source, at, nameEnd - at, this.#name.hash))
      return this.#faults.malformed(`attribute ${excerpt(bytes, at, nameEnd)} is there twice`, at)
    let p = nameEnd
    while (p < end && isSpace(bytes[p])) p++
    if (bytes[p] !== EQUALS) return this.#faults.malformed(`attribute ${excerpt(bytes, at, nameEnd)} has no value`, p)
    p++
    while (p < end && isSpace(bytes[p])) p++
    const quote = bytes[p]
    if (quote !== QUOTE && quote !== APOSTROPHE)
      return this.#faults.malformed(`the value of ${excerpt(bytes, at, nameEnd)} is not in quotes`, p)
    let after = 0
    for (let i = this.#program.attributeStart[state]!; i < this.#program.attributeStart[state + 1]!; i++) {
      if (!this.#wants(i, at, nameEnd)) continue
      const column = this.#program.attributeColumn[i]!
      after = this.#value(bytes, p + 1, end, quote, column)
      if (after < 0) return -1
      this.#writer.seen[column] = 1
      this.#writer.finish(column)
    }
    return after > 0 ? after : this.#value(bytes, p + 1, end, quote, -1)
  }

  #wants(index: number, at: number, nameEnd: number): boolean {
    const program = this.#program
    if (this.#writer.seen[program.attributeColumn[index]!] === 1) return false
    let from = at
    if (program.attributeQualified[index] === 0) {
      // A namespace declaration is no attribute by local name.
      if (this.#name.localAt === at + 6 && sameBytes(this.#writer.source, at, XMLNS, 0, 6)) return false
      from = this.#name.localAt
    }
    const length = program.attributeNameLength[index]!
    return (
      nameEnd - from === length &&
      sameBytes(this.#writer.source, from, program.names, program.attributeNameAt[index]!, length)
    )
  }

  /** Reads a value up to its closing quote into a column (-1: none). Position after the quote, or -1. */
  #value(bytes: Uint8Array, at: number, end: number, quote: number, column: number): number {
    const writer = this.#writer
    const stop = Math.min(end, at + this.#program.limits.attribute_bytes_max + 1)
    let p = at
    let from = at
    while (p < stop) {
      const c = bytes[p]!
      if (ATTRIBUTE_STOPS[c] === 0) {
        p++
        continue
      }
      if (c === quote) {
        if (column >= 0) writer.append(column, bytes, from, p)
        return p + 1
      }
      if (c === QUOTE || c === APOSTROPHE) p++
      else if (c === AMPERSAND) {
        if (column >= 0) writer.append(column, bytes, from, p)
        from = this.#references.read(bytes, p, end)
        if (from < 0) return -1
        if (column >= 0) writer.append(column, this.#references.bytes, 0, this.#references.length)
        p = from
      } else if (isSpace(c)) {
        if (column >= 0) {
          writer.append(column, bytes, from, p)
          writer.append(column, SPACE_BYTE, 0, 1)
        }
        p += c === CR && bytes[p + 1] === LF ? 2 : 1
        from = p
      } else if (c === LESS) return this.#faults.malformed(`'<' in an attribute's value`, p)
      else if (c < 0x80 || isNonCharacter(bytes, p)) return this.#faults.malformed('a character that XML forbids', p)
      else p += 3
    }
    if (stop < end) return this.#faults.fail('limit', 'an attribute is longer than attribute_bytes_max', at)
    return this.#faults.malformed('the message ends inside an attribute', end)
  }
}
