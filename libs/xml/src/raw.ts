import { isNonCharacter, isSpace, RAW_STOPS } from './chars.ts'
import type { FaultCell } from './fault.ts'
import { NameReader } from './names.ts'
import type { RowWriter } from './row-writer.ts'

const DASH = 0x2d
const QUESTION = 0x3f
const BRACKET = 0x5d
const GREATER = 0x3e
const CR = 0x0d
const LF = 0x0a
const LF_BYTE = Uint8Array.of(LF)
const CDATA = Uint8Array.from('[CDATA[', (char) => char.charCodeAt(0))
const DOCTYPE = Uint8Array.from('DOCTYPE', (char) => char.charCodeAt(0))

const startsWith = (bytes: Uint8Array, at: number, text: Uint8Array): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

/** Reads comments, processing instructions and CDATA sections, and refuses DOCTYPE. */
export class RawReader {
  readonly #faults: FaultCell
  readonly #writer: RowWriter
  readonly #textMax: number
  readonly #name = new NameReader()

  constructor(faults: FaultCell, writer: RowWriter, text_bytes_max: number) {
    this.#faults = faults
    this.#writer = writer
    this.#textMax = text_bytes_max
  }

  /** Position after the `<!…` or `<?…` at `at`, or -1 with a fault. Depth 0 is outside the root, without CDATA. */
  read(bytes: Uint8Array, at: number, end: number, depth: number): number {
    if (bytes[at + 1] === QUESTION) return this.#instruction(bytes, at, end)
    if (bytes[at + 2] === DASH && bytes[at + 3] === DASH) return this.#comment(bytes, at, end)
    if (depth > 0 && startsWith(bytes, at + 2, CDATA)) return this.#cdata(bytes, at, end, depth)
    if (startsWith(bytes, at + 2, DOCTYPE)) return this.#faults.fail('doctype', 'the message has a DOCTYPE', at)
    return this.#faults.malformed(`'<!' starts nothing that may be here`, at)
  }

  #instruction(bytes: Uint8Array, at: number, end: number): number {
    const nameEnd = this.#name.read(bytes, at + 2, end)
    if (nameEnd < 0) return this.#faults.malformed('a processing instruction has no target', at)
    const isXml =
      nameEnd === at + 5 &&
      (bytes[at + 2]! | 0x20) === 0x78 &&
      (bytes[at + 3]! | 0x20) === 0x6d &&
      (bytes[at + 4]! | 0x20) === 0x6c
    if (isXml) return this.#faults.malformed('an XML declaration that is not at the very start', at)
    const ends = bytes[nameEnd] === QUESTION && bytes[nameEnd + 1] === GREATER
    if (!ends && !isSpace(bytes[nameEnd]))
      return this.#faults.malformed('no blank after the target of a processing instruction', nameEnd)
    for (let p = nameEnd; p < end; ) {
      p = this.#run(bytes, p, end)
      if (p < 0) return -1
      if (bytes[p] === QUESTION && bytes[p + 1] === GREATER) return p + 2
      p++
    }
    return this.#faults.malformed('the message ends inside a processing instruction', end)
  }

  #comment(bytes: Uint8Array, at: number, end: number): number {
    for (let p = at + 4; p < end; ) {
      p = this.#run(bytes, p, end)
      if (p < 0) return -1
      if (bytes[p] === DASH && bytes[p + 1] === DASH) {
        if (bytes[p + 2] === GREATER) return p + 3
        return this.#faults.malformed(`'--' in a comment`, p)
      }
      p++
    }
    return this.#faults.malformed('the message ends inside a comment', end)
  }

  #cdata(bytes: Uint8Array, at: number, end: number, depth: number): number {
    const writer = this.#writer
    let from = at + 9
    const stop = Math.min(end, from + this.#textMax + 3)
    for (let p = from; p < stop; ) {
      p = this.#run(bytes, p, stop)
      if (p < 0) return -1
      if (bytes[p] === BRACKET && bytes[p + 1] === BRACKET && bytes[p + 2] === GREATER) {
        writer.text(bytes, from, p, depth)
        return p + 3
      }
      if (bytes[p] === CR) {
        writer.text(bytes, from, p, depth)
        writer.text(LF_BYTE, 0, 1, depth)
        if (bytes[p + 1] === LF) p++
        from = p + 1
      }
      p++
    }
    if (stop < end) return this.#faults.fail('limit', 'text is longer than text_bytes_max', at)
    return this.#faults.malformed('the message ends inside a CDATA section', end)
  }

  /** Position of the next `-`, `?`, `]` or `\r` (or `end`), or -1 at a character that XML forbids. */
  #run(bytes: Uint8Array, at: number, end: number): number {
    let p = at
    while (p < end) {
      const c = bytes[p]!
      if (RAW_STOPS[c] === 0) p++
      else if (c === 0xef && !isNonCharacter(bytes, p)) p += 3
      else if (c === DASH || c === QUESTION || c === BRACKET || c === CR) return p
      else return this.#faults.malformed('a character that XML forbids', p)
    }
    return end
  }
}
