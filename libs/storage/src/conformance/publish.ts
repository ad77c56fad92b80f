import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import {
  collect,
  type ConformanceTest,
  create,
  expectKind,
  noise,
  readText,
  STAGING,
  sha256Hex,
  text,
} from './harness.ts'

const TARGET = 'books/day=1/p-0001.parquet'

export function publishCases(test: ConformanceTest): void {
  test('publishing makes the bytes visible and the staged object go', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    expect(await adapter.publish(staged)).toBe('published')
    expect(await readText(adapter, TARGET)).toBe('rows')
    expect(await collect(adapter.listStaged(STAGING))).toEqual([])
  })

  test('publishing again is already done, however often', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    expect(await adapter.publish(staged)).toBe('published')
    for (let i = 0; i < 3; i += 1) expect(await adapter.publish(staged)).toBe('already')
    expect(await readText(adapter, TARGET)).toBe('rows')
  })

  test('a race of 8 publishers of one object ends well for all', async ({ adapter, stage }) => {
    for (let round = 0; round < 5; round += 1) {
      const staged = await stage(`${TARGET}-${round}`, text('rows'))
      const answers = await Promise.all(Array.from({ length: 8 }, () => adapter.publish(staged)))
      expect(answers.filter((answer) => answer === 'published').length).toBeLessThanOrEqual(1)
      expect(await readText(adapter, `${TARGET}-${round}`)).toBe('rows')
    }
  })

  test('a race of different bytes for one target has one winner, the others are corrupt', async ({
    adapter,
    stage,
  }) => {
    const staged = await Promise.all(Array.from({ length: 4 }, async (_, i) => stage(`books/r${i}`, text(`rows ${i}`))))
    const rivals = []
    for (let i = 0; i < staged.length; i += 1) rivals.push(await stage(TARGET, text(`rival ${i}`)))
    const answers = await Promise.all(
      rivals.map((rival) => adapter.publish(rival).catch((error: { kind: string }) => error.kind)),
    )
    expect(answers.filter((answer) => answer === 'published')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'corrupt')).toHaveLength(3)
    expect(await readText(adapter, TARGET)).toBe(`rival ${answers.indexOf('published')}`)
  })

  test('other bytes of another length at the target are corrupt, and stay', async ({ adapter, stage }) => {
    await create(adapter, TARGET, 'something else')
    await expectKind(adapter.publish(await stage(TARGET, text('rows'))), 'corrupt')
    expect(await readText(adapter, TARGET)).toBe('something else')
  })

  test('other bytes of the same length at the target are corrupt, and stay', async ({ adapter, stage }) => {
    await create(adapter, TARGET, 'swor')
    await expectKind(adapter.publish(await stage(TARGET, text('rows'))), 'corrupt')
    expect(await readText(adapter, TARGET)).toBe('swor')
  })

  test('the same bytes at the target from elsewhere are already there', async ({ adapter, stage }) => {
    await create(adapter, TARGET, 'rows')
    expect(await adapter.publish(await stage(TARGET, text('rows')))).toBe('already')
  })

  test('neither staged nor published is not found', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    await adapter.publish(staged)
    await adapter.remove(staged.target)
    await expectKind(adapter.publish(staged), 'not_found')
  })

  test('an empty file is published', async ({ adapter, stage }) => {
    expect(await adapter.publish(await stage(TARGET, new Uint8Array()))).toBe('published')
    expect(await adapter.head(storagePath(TARGET))).toEqual({ path: TARGET, bytes: 0 })
  })

  test('10 MB are published whole', async ({ adapter, stage }) => {
    const bytes = noise(10_000_000, 9)
    const staged = await stage(TARGET, bytes)
    expect(await adapter.publish(staged)).toBe('published')
    expect(sha256Hex(await adapter.read(staged.target))).toBe(sha256Hex(bytes))
    expect(await adapter.read(staged.target, { start: 9_999_990, end: 10_000_000 })).toEqual(bytes.slice(9_999_990))
  })

  test('a concurrent reader sees nothing or the whole file', async ({ adapter, stage }) => {
    const bytes = noise(5_000_000, 11)
    const staged = await stage(TARGET, bytes)
    let publishing = true
    const publish = adapter.publish(staged).finally(() => {
      publishing = false
    })
    while (publishing) {
      const meta = await adapter.head(staged.target)
      if (meta !== undefined) expect(meta.bytes).toBe(bytes.length)
    }
    await publish
  })

  test('a published target cannot be created', async ({ adapter, stage }) => {
    await adapter.publish(await stage(TARGET, text('rows')))
    expect(await adapter.createIfAbsent(storagePath(TARGET), text('other'))).toBe('exists')
    expect(await readText(adapter, TARGET)).toBe('rows')
  })
}
