import { isSpace } from './chars.ts'
import type { FaultCell } from './fault.ts'

const BYTES_MAX = 256
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/
const ENCODINGS = ['utf-8', 'utf8', 'us-ascii', 'ascii']

/** Reads the byte order mark and the XML declaration. A message whose declaration equals the last one's costs a compare. */
export class DeclarationReader {
  readonly #faults: FaultCell
  readonly #last = new Uint8Array(BYTES_MAX)
  #length = 0

  constructor(faults: FaultCell) {
    this.#faults = faults
  }

  /** Position after what is there (perhaps nothing), or -1 with a fault. */
  read(bytes: Uint8Array, start: number, end: number): number {
    let p = start
    if (bytes[p] === 0xef && bytes[p + 1] === 0xbb && bytes[p + 2] === 0xbf) p += 3
    const present =
      bytes[p + 1] === 0x3f && bytes[p + 2] === 0x78 && bytes[p + 3] === 0x6d && bytes[p + 4] === 0x6c && p + 5 < end
    if (!present || bytes[p] !== 0x3c || !isSpace(bytes[p + 5])) return p
    return this.#isLast(bytes, p) ? p + this.#length : this.#parse(bytes, p, end)
  }

  #isLast(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < this.#length; i++) if (bytes[at + i] !== this.#last[i]) return false
    return this.#length > 0
  }

  #parse(bytes: Uint8Array, at: number, end: number): number {
    let text = ''
    for (let i = at; i < end && i < at + BYTES_MAX; i++) text += String.fromCharCode(bytes[i]!)
    const match = DECLARATION.exec(text)
    if (match === null) return this.#faults.malformed('the XML declaration is not well-formed', at)
    const encoding = match[1] ?? match[2]
    if (encoding !== undefined && !ENCODINGS.includes(encoding.toLowerCase()))
      return this.#faults.fail('encoding', `the message declares encoding ${encoding}; only UTF-8 is read`, at)
    this.#length = match[0].length
    this.#last.set(bytes.subarray(at, at + this.#length))
    return at + this.#length
  }
}
