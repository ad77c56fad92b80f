/** A small seeded generator (mulberry32): the same seed gives the same numbers everywhere. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform over the 32-bit unsigned integers. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.uint32() / 4_294_967_296
  }

  /** Uniform integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const a = this.uint32()
    const b = this.uint32()
    const c = this.uint32()
    const d = this.uint32()
    return (
      `${hex[a >>> 16]}${hex[a & 65535]}-${hex[b >>> 16]}-${hex[(b & 4095) | 16384]}-` +
      `${hex[((c >>> 16) & 16383) | 32768]}-${hex[c & 65535]}${hex[d >>> 16]}${hex[d & 65535]}`
    )
  }
}

/** Four digits for each number of 16 bits. */
const hex = Array.from({ length: 65_536 }, (_, word) => word.toString(16).padStart(4, '0'))

/** The same numbers as a function: uniform in [0, 1). */
export const seededRandom = (seed: number): (() => number) => {
  const random = new SeededRandom(seed)
  return () => random.next()
}
