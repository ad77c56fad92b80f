import { describe, expect, it } from 'vitest'
import { MemoryPool, type SegmentMemory } from '../../../src/runtime/feed/segment-memory.ts'

const RAW_BYTES = 1024 * 1024

const fill = (memory: SegmentMemory, raw_bytes: number, rows: number): void => {
  memory.begin(raw_bytes, rows)
  for (const column of memory.columns) {
    for (let row = 0; row < rows; row++) {
      column.reserveBytes(20)
      column.bytes += 20
      column.endRow(false)
    }
  }
  memory.reserveRows(rows)
}

const buffersOf = (memory: SegmentMemory) => [
  memory.rowMessage.buffer,
  ...memory.columns.flatMap(({ data, ends, nulls }) => [data.buffer, ends.buffer, nulls.buffer]),
]

describe('the memory of segments', () => {
  it('is made large enough for what the run before it held, so that it need not grow', () => {
    const pool = new MemoryPool(3)
    const first = pool.take(RAW_BYTES)
    const small = buffersOf(first)
    fill(first, RAW_BYTES, 10_000)
    expect(buffersOf(first).every((buffer, i) => buffer !== small[i])).toBe(true)
    pool.learn(first, RAW_BYTES)
    const second = pool.take(RAW_BYTES)
    const made = buffersOf(second)
    fill(second, RAW_BYTES, 11_000)
    for (const [i, buffer] of buffersOf(second).entries()) expect(buffer).toBe(made[i])
  })

  it('is used again when it holds the run, and replaced when it is too small', () => {
    const pool = new MemoryPool(1)
    const small = pool.take(1_000)
    small.begin(1_000, 10)
    pool.give(small)
    expect(pool.take(1_000)).toBe(small)
    pool.give(small)
    const large = pool.take(RAW_BYTES)
    expect(large).not.toBe(small)
    large.begin(RAW_BYTES, 10)
    pool.give(large)
    expect(pool.take(1_000)).toBe(large)
    expect(pool.take(1_000)).not.toBe(small)
  })

  it('forgets slowly how full its columns once were', () => {
    const pool = new MemoryPool(1)
    const dense = pool.take(RAW_BYTES)
    fill(dense, RAW_BYTES, 50_000)
    pool.learn(dense, RAW_BYTES)
    const sparse = pool.take(RAW_BYTES)
    const before = sparse.bytes
    fill(sparse, RAW_BYTES, 10)
    for (let i = 0; i < 50; i++) pool.learn(sparse, RAW_BYTES)
    expect(pool.take(RAW_BYTES).bytes).toBeLessThan(before / 2)
  })
})
