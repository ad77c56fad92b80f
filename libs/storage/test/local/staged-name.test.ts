import { describe, expect, it } from 'vitest'
import { parseStagedName, stagedName } from '../../src/local/staged-name.ts'
import { isReservedName, storagePath } from '../../src/path.ts'

const SHA = 'a1'.repeat(32)

describe("a staged file's name", () => {
  const targets = [
    'x',
    'books/day=1/p-1.parquet',
    '~/~a~/~',
    '100%/%2F',
    'é/日本/😀',
    `${'é/'.repeat(300)}z`,
    `${'a/'.repeat(500)}b`,
  ]

  it.each(targets)('holds its target (%#)', (text) => {
    const name = stagedName(storagePath(text), SHA)
    expect(parseStagedName(`staging/1/attempt/${name}`)).toEqual({ target: text, sha256: SHA })
  })

  it.each(targets)('fits file systems, and ends as no data file does (%#)', (text) => {
    const segments = stagedName(storagePath(text), SHA).split('/')
    for (const segment of segments) expect(segment.length).toBeLessThanOrEqual(255)
    expect(isReservedName(segments.at(-1)!)).toBe(true)
  })

  it('is one name for ordinary targets', () => {
    const name = stagedName(
      storagePath('raw/books/added_date=2026-11-20/books_raw-a1b2c3d4-000000000012-3.parquet'),
      SHA,
    )
    expect(name).not.toContain('/')
  })

  it.each(['x.staged', 'a/b.parquet', `%zz~${SHA}.staged`, `..~${SHA}.staged`, `~${SHA}.staged`])(
    'is not read out of %s',
    (text) => {
      expect(parseStagedName(text)).toBeUndefined()
    },
  )
})
