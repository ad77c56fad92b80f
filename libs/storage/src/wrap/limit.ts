import type { StorageAdapter } from '../port.ts'
import { interceptStorage } from './intercept.ts'

/** Lets at most `calls_max` calls run at a time; the others wait their turn, first come first served. */
export function limitStorage(inner: StorageAdapter, calls_max: number): StorageAdapter {
  const limiter = new Limiter(calls_max)
  return interceptStorage(inner, async (call, run) => {
    await limiter.enter(call.signal)
    try {
      return await run()
    } finally {
      limiter.leave()
    }
  })
}

class Limiter {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(slots: number) {
    if (!Number.isSafeInteger(slots) || slots < 1)
      throw new RangeError(`a limit of ${slots} calls lets nothing through`)
    this.#free = slots
  }

  async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(admit)
        reject(signal?.reason)
      }
      const admit = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      this.#waiting.add(admit)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Hands the slot to the one that has waited longest. */
  leave(): void {
    const next = this.#waiting.values().next()
    if (next.done === true) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next.value)
    next.value()
  }
}
