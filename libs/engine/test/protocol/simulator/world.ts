import { createHash } from 'node:crypto'
import { type MemoryStore, memoryStore } from '@millrace/storage/memory'
import { seededRandom } from '@millrace/testkit/generators/random.ts'
import { Scheduler } from './scheduler.ts'

export class Violation extends Error {}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const newCounters = () => ({
  steps: 0,
  crashes: 0,
  pauses: 0,
  failedBefore: 0,
  ambiguous: 0,
  late: 0,
  commits: 0,
  lost: 0,
  fenced: 0,
  vacuumed: 0,
})
export type Counters = ReturnType<typeof newCounters>

/** Messages of the simulated topic. Every fifth repeats the key of an earlier one; some are bad. */
export const TOTAL = 14
export const keyOf = (offset: number): number => (offset % 5 === 4 ? offset - 3 : offset)
export const isBad = (offset: number): boolean => offset % 7 === 2
/** Keys live this many offsets; repeats come within three. */
export const HORIZON = 8
export const BUCKET = 4

/** Everything outside the processes: the store's contents, the topic, time and chance. All of it from one seed. */
export class World {
  readonly random: () => number
  readonly scheduler = new Scheduler()
  readonly store: MemoryStore = memoryStore()
  /** Files on the workers' local disks. */
  readonly local = new Map<string, Uint8Array>()
  /** Writes whose answer was lost and that the store has not done yet. */
  readonly delayed: (() => Promise<void>)[] = []
  readonly counters = newCounters()
  readonly trace: ((line: string) => void) | undefined
  faults = true
  /** Log-end offset of the topic. */
  high = 1
  now_ms = 1_700_000_000_000
  violation: Violation | undefined
  /** Raised by every change of the store: the oracle looks again. */
  changes = 0
  files = 0

  constructor(seed: number, trace?: (line: string) => void) {
    this.random = seededRandom(seed)
    this.trace = trace
  }

  readonly #parsed = new WeakMap<Uint8Array, unknown>()

  /** JSON.parse, once per object: contents never change, and the oracle looks after every write. */
  parsed<T>(bytes: Uint8Array): T {
    const known = this.#parsed.get(bytes)
    if (known !== undefined) return known as T
    const value = JSON.parse(decoder.decode(bytes)) as T
    this.#parsed.set(bytes, value)
    return value
  }

  note(line: string): void {
    this.trace?.(`${String(this.counters.steps).padStart(5)} ${line}`)
  }

  violate(message: string): void {
    this.violation ??= new Violation(message)
  }

  writeLocal(values: readonly number[]): { path: string; rows: number; bytes: number; sha256: string } {
    const path = `/local/${++this.files}`
    const content = encoder.encode(JSON.stringify(values))
    this.local.set(path, content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    return { path, rows: values.length, bytes: content.length, sha256 }
  }

  readLocal(path: string): readonly number[] {
    return JSON.parse(decoder.decode(this.local.get(path))) as number[]
  }
}
