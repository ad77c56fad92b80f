import { type StorageAdapter, StorageError } from '../port.ts'
import { interceptStorage, type StorageCall } from './intercept.ts'
import type { Clock, Random } from './ports.ts'

export interface RetryOptions {
  readonly clock: Clock
  readonly random: Random
  /** Repeats after the first try. Default 8. */
  readonly retries_max?: number
  /** Upper bound of the first pause; it doubles with every repeat. Default 100 ms. */
  readonly pause_ms?: number
  /** Upper bound of any pause. Default 30 s. */
  readonly pause_ms_max?: number
  /** Told before every pause. */
  readonly onRetry?: (retry: Retry) => void
}

export interface Retry {
  readonly call: StorageCall
  readonly error: StorageError
  /** 1 for the first repeat. */
  readonly number: number
  readonly pause_ms: number
}

/**
 * Repeats calls that failed for a passing reason, with full jitter: each pause is uniform in [0, min(cap, base * 2^n)),
 * so that many clients do not come back together. An `ambiguous_write` of create-if-absent is never repeated: the
 * second answer could say `exists` of our own record. The other writes are idempotent by contract and are. After
 * `retries_max` the last error is thrown as it is.
 */
export function retryStorage(inner: StorageAdapter, options: RetryOptions): StorageAdapter {
  const { clock, random, retries_max = 8, pause_ms = 100, pause_ms_max = 30_000 } = options
  return interceptStorage(inner, async (call, run) => {
    for (let number = 1; ; number += 1) {
      try {
        return await run()
      } catch (error) {
        if (number > retries_max || !(error instanceof StorageError) || !isRepeatable(error, call)) throw error
        const pause = random.next() * Math.min(pause_ms_max, pause_ms * 2 ** (number - 1))
        options.onRetry?.({ call, error, number, pause_ms: pause })
        await clock.sleep(pause, call.signal)
      }
    }
  })
}

function isRepeatable(error: StorageError, call: StorageCall): boolean {
  if (error.kind === 'ambiguous_write') return call.verb !== 'createIfAbsent' && call.verb !== 'probe'
  return error.retryable
}
