import type { Clock } from '../../src/wrap/index.ts'

export interface FakeClock extends Clock {
  /** Durations asked for, in order. */
  readonly slept_ms: readonly number[]
}

/** Time that passes only by sleeping, at once. */
export function fakeClock(): FakeClock {
  let now_ms = 0
  const slept_ms: number[] = []
  return {
    slept_ms,
    monotonic_ms: () => now_ms,
    async sleep(duration_ms, signal) {
      signal?.throwIfAborted()
      slept_ms.push(duration_ms)
      now_ms += duration_ms
    },
  }
}
