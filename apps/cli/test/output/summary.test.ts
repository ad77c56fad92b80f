import { describe, expect, it } from 'vitest'
import { createTotals, summaryLines } from '../../src/output/summary.ts'

describe('the summary of a run that committed nothing', () => {
  it.each([
    ['done', 8, 'OK  p  nothing new since v8'],
    ['done', 0, 'OK  p  nothing to read yet'],
    ['drained', 8, 'STOPPED  p  nothing committed, stays at v8'],
    ['failed', 8, 'FAILED  p  nothing committed, stays at v8'],
    ['failed', 0, 'FAILED  p  nothing committed'],
  ] as const)('%s at version %i: %s', (reason, version, line) => {
    expect(summaryLines({ ...createTotals('p'), reason, version }, 100)).toEqual([line])
  })
})
