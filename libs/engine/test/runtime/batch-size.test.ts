import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/core/limits.ts'
import { batchRequest } from '../../src/runtime/batch-size.ts'

const rows = (batch_rows_max: number, shrink = 0): number =>
  batchRequest({ ...LIMITS, batch_rows_max }, false, shrink, undefined).rows_max

describe('what is asked of the feed', () => {
  it('is never more rows than the limit', () => {
    expect([1, 10, 999, 5_000].map((limit) => rows(limit))).toEqual([1, 10, 999, 5_000])
  })

  it('shrinks to 1,000 rows, or to the limit where that is less', () => {
    expect([rows(1_000_000, 1), rows(1_000_000, 30), rows(10, 30)]).toEqual([500_000, 1_000, 10])
  })
})
