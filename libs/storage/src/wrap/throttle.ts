import type { StorageAdapter } from '../port.ts'
import { interceptStorage } from './intercept.ts'
import type { Clock } from './ports.ts'

export interface ThrottleOptions {
  readonly clock: Clock
  /** Calls begun per second, evenly spaced. */
  readonly callsPerSecond_max?: number
  /** Bytes sent or read per second, on average. */
  readonly bytesPerSecond_max?: number
}

/**
 * Spaces calls so that the rates hold on average: each call books the time that it costs, and waits until all that was
 * booked before it has passed. What a read costs is known, and booked, once it has come back.
 */
export function throttleStorage(inner: StorageAdapter, options: ThrottleOptions): StorageAdapter {
  const { clock, callsPerSecond_max = Infinity, bytesPerSecond_max = Infinity } = options
  if (!(callsPerSecond_max > 0) || !(bytesPerSecond_max > 0)) throw new RangeError('a rate must be above 0')
  let free_ms = 0
  const book = (calls: number, bytes: number): number => {
    const start_ms = Math.max(free_ms, clock.monotonic_ms())
    free_ms = start_ms + (calls * 1000) / callsPerSecond_max + (bytes * 1000) / bytesPerSecond_max
    return start_ms
  }
  return interceptStorage(inner, async (call, run) => {
    const wait_ms = book(1, call.bytes) - clock.monotonic_ms()
    if (wait_ms > 0) await clock.sleep(wait_ms, call.signal)
    const result = await run()
    if (result instanceof Uint8Array) book(0, result.length)
    return result
  })
}
