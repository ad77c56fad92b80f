import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  decodePartitionPath,
  decodePartitionValue,
  encodePartitionPath,
  encodePartitionValue,
  NULL_PARTITION,
  PARTITION_VALUE_BYTES_MAX,
} from '../../src/core/partition-path.ts'
import { nastyValues } from './nasty-values.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
const encode = (value: string | null): string => encodePartitionValue(value, digest)

describe('partition paths', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  const values = nastyValues(seed, 500)
  const rerun = `again with SEED=${seed} npx vitest run --project engine partition-path`

  it('keeps 500 nasty values inside the root, as one folder each', () => {
    for (const value of values) {
      const path = encodePartitionPath(['p'], [value], digest)
      expect(posix.dirname(posix.join('/root', path)), `${rerun}: ${JSON.stringify(value)}`).toBe('/root')
      expect(path, rerun).not.toMatch(/[\x00-\x20/\\"'<>|*?:]/)
      expect(new TextEncoder().encode(path).length, rerun).toBeLessThanOrEqual(255)
    }
  })

  it('reads every value back that is not shortened, and the head of one that is', () => {
    for (const value of values) {
      const decoded = decodePartitionValue(encode(value))
      if (decoded.kind === 'shortened') expect(value?.startsWith(decoded.head), rerun).toBe(true)
      else expect(decoded.kind === 'null' ? null : decoded.value, rerun).toBe(value)
    }
  })

  it('keeps distinct values distinct', () => {
    const distinct = new Set(values)
    expect(new Set([...distinct].map(encode)).size, rerun).toBe(distinct.size)
  })

  it.each([
    [null, NULL_PARTITION],
    ['', '~empty'],
    [NULL_PARTITION, '%5F_HIVE_DEFAULT_PARTITION__'],
    ['NULL', '%4EULL'],
    ['null', '%6Eull'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['../x', '..%2Fx'],
    ['~empty', '%7Eempty'],
    ['a b=c%', 'a%20b%3Dc%25'],
    ['2024-05-01', '2024-05-01'],
    ['Köln', 'Köln'],
  ])('writes %j as %s', (value, encoded) => {
    expect(encode(value)).toBe(encoded)
  })

  it('shortens at a character, never inside one or inside an escape', () => {
    const long = encode('é'.repeat(PARTITION_VALUE_BYTES_MAX))
    expect(long).toBe(`${'é'.repeat(100)}~${digest('é'.repeat(PARTITION_VALUE_BYTES_MAX))}`)
    expect(encode(`${'a'.repeat(199)}/x`)).toMatch(/^a{199}~[0-9a-f]{32}$/)
    expect(encode('a'.repeat(200))).toBe('a'.repeat(200))
  })

  it('joins several columns, escapes their names, and reads them back', () => {
    const path = encodePartitionPath(['year', 'a/b='], ['2024', null], digest)
    expect(path).toBe(`year=2024/a%2Fb%3D=${NULL_PARTITION}`)
    expect(decodePartitionPath(path)).toEqual([
      { name: 'year', value: { kind: 'value', value: '2024' } },
      { name: 'a/b=', value: { kind: 'null' } },
    ])
    expect(decodePartitionPath('')).toEqual([])
  })
})
