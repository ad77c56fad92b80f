import type { SeededRandom } from './random.ts'

/** The newest values, up to a number. */
export class Ring<T> {
  readonly #values: T[] = []
  readonly #limit: number
  #next = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#values.length
  }

  add(value: T): void {
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % this.#limit
  }

  pick(random: SeededRandom): T {
    return random.pick(this.#values)
  }
}
