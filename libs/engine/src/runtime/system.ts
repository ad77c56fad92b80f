import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Random } from '../core/ports.ts'

/** The machine's clocks. */
export const systemClock: Clock = {
  now_ms: () => Date.now(),
  monotonic_ms: () => performance.now(),
  sleep: async (duration_ms, signal) => {
    try {
      await sleep(duration_ms, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      throw signal?.reason ?? error
    }
  },
}

/** Unpredictable, from the operating system. */
export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
