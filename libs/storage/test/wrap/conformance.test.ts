import { storageConformance } from '../../src/conformance.ts'
import { openMemoryStorage } from '../../src/memory/index.ts'
import type { StorageAdapter } from '../../src/port.ts'
import {
  faultStorage,
  limitStorage,
  meterStorage,
  randomFaults,
  retryStorage,
  throttleStorage,
} from '../../src/wrap/index.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'

const clock = fakeClock()

/** One call in ten fails with certainty; the contract must hold through the retries. */
function retriedFaults(inner: StorageAdapter): StorageAdapter {
  const random = { next: seededRandom(7) }
  return retryStorage(faultStorage(inner, { plan: randomFaults(random, { before: 0.1 }) }).storage, { clock, random })
}

const DECORATORS: Readonly<Record<string, (inner: StorageAdapter) => StorageAdapter>> = {
  'no faults': (inner) => faultStorage(inner, { plan: () => undefined }).storage,
  'retried faults': retriedFaults,
  limit: (inner) => limitStorage(inner, 2),
  throttle: (inner) => throttleStorage(inner, { clock, callsPerSecond_max: 100, bytesPerSecond_max: 1e6 }),
  metrics: (inner) => meterStorage(inner, clock).storage,
  'all of them': (inner) =>
    meterStorage(limitStorage(throttleStorage(retriedFaults(inner), { clock, callsPerSecond_max: 1000 }), 4), clock)
      .storage,
}

for (const [name, decorate] of Object.entries(DECORATORS)) {
  storageConformance(`memory under ${name}`, async () => ({
    adapter: decorate(openMemoryStorage()),
    cleanup: async () => undefined,
  }))
}
