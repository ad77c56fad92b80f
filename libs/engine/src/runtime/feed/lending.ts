import type { Segment } from '../segment.ts'
import type { Budget } from './budget.ts'
import type { MemoryPool, SegmentMemory } from './segment-memory.ts'

interface Loan {
  readonly memory: SegmentMemory
  readonly pool: MemoryPool
  readonly bytes: number
}

/** Knows which segment's memory is out, and takes it back by id. */
export class Lending {
  readonly #budget: Budget
  readonly #loans = new Map<number, Loan>()
  #nextId = 1

  constructor(budget: Budget) {
    this.#budget = budget
  }

  newId(): number {
    return this.#nextId++
  }

  register(segment: Segment, memory: SegmentMemory, pool: MemoryPool): void {
    this.#loans.set(segment.id, { memory, pool, bytes: segment.bytes })
  }

  /** The segment was handed out with a batch. */
  lend(segment: Segment): void {
    this.#budget.lentBytes += segment.bytes
  }

  /** A handed-out segment comes back. Ids that are not out are ignored. */
  takeBack(id: number): void {
    const loan = this.#loans.get(id)
    if (loan === undefined) return
    this.#budget.lentBytes -= loan.bytes
    this.discard(id)
  }

  /** A segment that was never handed out is not wanted any more. */
  discard(id: number): void {
    const loan = this.#loans.get(id)
    if (loan === undefined) return
    this.#loans.delete(id)
    loan.pool.give(loan.memory)
  }
}
