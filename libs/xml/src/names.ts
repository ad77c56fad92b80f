import { sameBytes } from './words.ts'
import { codePointAt, isNameCode, NAME_CHAR, NAME_CLASSES, NAME_START, sequenceLength } from './chars.ts'

const BASIS = 0x811c9dc5 | 0
const PRIME = 0x01000193
const COLON = 0x3a

/** FNV-1a (32 bits) of bytes: how names are found in tables; equality is always checked on the bytes. */
export const hashName = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = BASIS
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME)
  return hash
}

/** First slot of the edge table to look at (its size a power of two) for a name of a state. */
export const edgeSlot = (state: number, hash: number, mask: number): number => {
  const mixed = Math.imul(hash ^ Math.imul(state, 0x9e3779b1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & mask
}

/** Reads one XML name; the fields tell about the last one. */
export class NameReader {
  /** Of the whole name. */
  hash = 0
  /** Of the part after the first colon; of the whole name if there is none. */
  localHash = 0
  /** Where the part after the first colon starts. */
  localAt = 0

  /** Position after the name that starts at `at`, or -1 when no name starts there. */
  read(bytes: Uint8Array, at: number, end: number): number {
    let p = at
    let hash = BASIS
    let localHash = BASIS
    let localAt = at
    let wanted = NAME_START
    while (p < end) {
      const c = bytes[p]!
      let more = 1
      if (c < 0x80) {
        if ((NAME_CLASSES[c]! & wanted) === 0) break
      } else {
        if (!isNameCode(codePointAt(bytes, p), wanted === NAME_START)) break
        more = sequenceLength(c)
      }
      for (; more > 0; more--) {
        const byte = bytes[p++]!
        hash = Math.imul(hash ^ byte, PRIME)
        localHash = Math.imul(localHash ^ byte, PRIME)
      }
      wanted = NAME_CHAR
      if (c === COLON && localAt === at) {
        localAt = p
        localHash = BASIS
      }
    }
    this.hash = hash
    this.localHash = localHash
    this.localAt = localAt
    return p === at ? -1 : p
  }
}

const BUCKETS = 4_096

/** The attribute names of one element: tells whether a name is there already. Linear time also for many names. */
export class AttributeNames {
  count = 0
  readonly #at: Int32Array
  readonly #length: Int32Array
  readonly #hash: Int32Array
  /** Index of the last name of a bucket plus `#base`; older numbers are of earlier elements. */
  readonly #bucket = new Float64Array(BUCKETS)
  readonly #previous: Float64Array
  #base = 1

  constructor(names_max: number) {
    this.#at = new Int32Array(names_max)
    this.#length = new Int32Array(names_max)
    this.#hash = new Int32Array(names_max)
    this.#previous = new Float64Array(names_max)
  }

  clear(): void {
    this.#base += this.count
    this.count = 0
  }

  /** Adds a name. False: an equal one is there. There must be room for it. */
  add(view: DataView, at: number, length: number, hash: number): boolean {
    const bucket = (hash ^ (hash >>> 15)) & (BUCKETS - 1)
    const previous = this.#bucket[bucket]!
    for (let index = previous - this.#base; index >= 0; index = this.#previous[index]! - this.#base) {
      if (this.#hash[index] !== hash || this.#length[index] !== length) continue
      if (sameBytes(view, at, view, this.#at[index]!, length)) return false
    }
    const index = this.count++
    this.#at[index] = at
    this.#length[index] = length
    this.#hash[index] = hash
    this.#previous[index] = previous
    this.#bucket[bucket] = this.#base + index
    return true
  }
}
