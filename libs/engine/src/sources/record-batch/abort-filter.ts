import type { AbortedTransaction } from '../port.ts'
import { ATTRIBUTE, BATCH } from './layout.ts'

/** Which producers have an aborted transaction open at the batch that is looked at (KIP-98, read_committed). */
export class AbortFilter {
  readonly #aborted: readonly AbortedTransaction[]
  readonly #open = new Set<bigint>()
  #next = 0

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  }

  /** Batches are asked for in order. False for control batches and for what an aborted transaction wrote. */
  admits(view: DataView, at: number, lastOffset: number, attributes: number): boolean {
    const control = (attributes & ATTRIBUTE.control) !== 0
    if (this.#aborted.length === 0) return !control
    while (this.#next < this.#aborted.length && Number(this.#aborted[this.#next]!.firstOffset) <= lastOffset) {
      this.#open.add(this.#aborted[this.#next]!.producerId)
      this.#next++
    }
    const producer = view.getBigInt64(at + BATCH.producerId)
    if (control) {
      if (isAbortMarker(view, at)) this.#open.delete(producer)
      return false
    }
    return (attributes & ATTRIBUTE.transactional) === 0 || !this.#open.has(producer)
  }
}

/**
 * A control batch has one record: length VARINT, four one-byte numbers (attributes, both deltas, the key's length), then
 * the key: version INT16, type INT16 (0 abort, 1 commit).
 */
const isAbortMarker = (view: DataView, at: number): boolean => {
  let lengthEnd = at + BATCH.records
  while (lengthEnd < view.byteLength && view.getUint8(lengthEnd) >= 128) lengthEnd++
  const type = lengthEnd + 5 + 2
  return type + 2 <= view.byteLength && view.getInt16(type) === 0
}
