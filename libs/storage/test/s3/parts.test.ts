import { describe, expect, it } from 'vitest'
import { PART_BYTES_MAX, PART_BYTES_MIN, PARTS_MAX, PartBuffers, planParts } from '../../src/s3/parts.ts'

const GIB = 2 ** 30
const S3_PART_BYTES_MIN = 5 << 20

describe('the parts of an upload', () => {
  it.each([
    [0, 1],
    [1, 1],
    [PART_BYTES_MIN, 1],
    [PART_BYTES_MIN + 1, 2],
    [5 * GIB - 1, 640],
    [5 * GIB, 640],
    [5 * GIB + 1, 641],
    [PART_BYTES_MIN * PARTS_MAX, PARTS_MAX],
    [PART_BYTES_MIN * PARTS_MAX + 1, 5_001],
    [PART_BYTES_MAX * PARTS_MAX, PARTS_MAX],
  ])('%i bytes are %i parts', (bytes, parts) => {
    expect(planParts('f', bytes).parts).toBe(parts)
  })

  it('cover every file exactly, within the limits of S3', () => {
    for (let bytes = 1; bytes < PART_BYTES_MAX * PARTS_MAX; bytes = bytes * 3 + 1) {
      const { part_bytes, parts } = planParts('f', bytes)
      expect(part_bytes).toBeGreaterThanOrEqual(S3_PART_BYTES_MIN)
      expect(parts).toBeLessThanOrEqual(PARTS_MAX)
      expect((parts - 1) * part_bytes).toBeLessThan(bytes)
      expect(parts * part_bytes).toBeGreaterThanOrEqual(bytes)
    }
  })

  it('are refused past the largest upload', () => {
    const tooLarge = expect.objectContaining({ kind: 'not_supported', path: 'f' })
    expect(() => planParts('f', PART_BYTES_MAX * PARTS_MAX + 1)).toThrow(tooLarge)
  })
})

describe('the buffers of parts', () => {
  it('are no more than asked for, whoever waits', async () => {
    const buffers = new PartBuffers(2)
    let [out, most] = [0, 0]
    const use = async (bytes: number): Promise<void> => {
      const buffer = await buffers.take(bytes)
      expect(buffer.length).toBeGreaterThanOrEqual(bytes)
      out += 1
      most = Math.max(most, out)
      await new Promise((resolve) => setImmediate(resolve))
      out -= 1
      buffers.give(buffer)
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => use(i % 3 === 0 ? PART_BYTES_MIN : 10)))
    expect([out, most]).toEqual([0, 2])
  })

  it('of full size are used again', async () => {
    const buffers = new PartBuffers(1)
    const first = await buffers.take(PART_BYTES_MIN)
    buffers.give(first)
    expect(await buffers.take(PART_BYTES_MIN)).toBe(first)
  })
})
