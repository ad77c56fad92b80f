import { describe, expect, it } from 'vitest'
import { localMachine, memoryMachine } from './machines.ts'
import { failNth, faultModes, strikes_min } from './two-workers.ts'

const machines = [
  ['memory', memoryMachine],
  ['local', localMachine],
] as const

describe.each(machines)('on %s storage, with the 1st, 2nd, … storage call failing', (_name, open) => {
  it.each(faultModes)(
    'commits every row exactly once (fault: %s)',
    async (mode) => {
      let n = 1
      while (await failNth(open(), n, mode)) n++
      // The loop ends with the first run that made fewer calls than n: all calls were struck.
      expect(n).toBeGreaterThan(strikes_min(mode))
    },
    120_000,
  )
})
