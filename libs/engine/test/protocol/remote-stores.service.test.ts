import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RemoteMachines, remoteStores } from './remote-machines.ts'
import { dieAt, protocolPoints, sleepAt } from './strikes.ts'
import { failNth, faultModes, strikes_min } from './two-workers.ts'

const RUNS_AT_ONCE = 8
const WAIT_MS = 240_000

describe.each(remoteStores)('the protocol on a real $name', ({ name, available, start }) => {
  let machines: RemoteMachines
  beforeAll(async () => {
    if (available) machines = await start()
  })
  afterAll(() => machines?.stop())

  describe.skipIf(!available)('struck at every crash point', () => {
    it.concurrent.each(protocolPoints)('%s: a worker dies there and another goes on', { timeout: WAIT_MS }, (point) =>
      dieAt(point, machines.open()),
    )

    it.concurrent.each(protocolPoints)(
      '%s: a worker stands still there, is succeeded, and wakes',
      { timeout: WAIT_MS },
      (point) => sleepAt(point, machines.open()),
    )
  })

  it.skipIf(!available).each(faultModes)(
    `with the 1st, 2nd, … call to ${name} failing (%s), commits every row exactly once`,
    { timeout: WAIT_MS },
    async (mode) => {
      let next = 1
      let last = Number.POSITIVE_INFINITY
      const lane = async (): Promise<void> => {
        for (let n = next++; n < last; n = next++)
          if (!(await failNth(machines.open(), n, mode))) last = Math.min(last, n)
      }
      await Promise.all(Array.from({ length: RUNS_AT_ONCE }, lane))
      // All calls were struck: there is a number that no run has reached.
      expect(last).toBeGreaterThan(strikes_min(mode))
      expect(last).toBeLessThan(1_000)
    },
  )
})
