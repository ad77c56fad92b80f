import { appendFile, readFile, rm } from 'node:fs/promises'
import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import {
  collect,
  type ConformanceTest,
  expectKind,
  noise,
  pathsBelow,
  readText,
  STAGING,
  sha256Hex,
  text,
} from './harness.ts'

const TARGET = 'books/day=1/p-0001.parquet'

export function stageCases(test: ConformanceTest): void {
  test('what is staged is invisible to readers of the table', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    expect(await pathsBelow(adapter, 'books')).toEqual([])
    expect(await adapter.head(staged.target)).toBeUndefined()
    await expectKind(adapter.read(staged.target), 'not_found')
  })

  test('no listing shows what is staged, not even of the staging directory', async ({ adapter, stage }) => {
    await stage(TARGET, text('rows'))
    expect(await pathsBelow(adapter, STAGING)).toEqual([])
  })

  test('a staged object says what it is, and survives JSON', async ({ adapter, file }) => {
    const local = await file(text('rows'))
    const staged = await adapter.stage(local, storagePath(TARGET), STAGING, 'attempt-a')
    expect(staged).toMatchObject({ target: TARGET, bytes: 4, sha256: local.sha256 })
    expect(await adapter.publish(JSON.parse(JSON.stringify(staged)))).toBe('published')
  })

  test('the local file stays, and is not needed any more', async ({ adapter, file }) => {
    const local = await file(text('rows'))
    const staged = await adapter.stage(local, storagePath(TARGET), STAGING, 'attempt-a')
    expect((await readFile(local.path)).toString()).toBe('rows')
    await rm(local.path)
    await adapter.publish(staged)
    expect(await readText(adapter, TARGET)).toBe('rows')
  })

  test('a local file that is gone or of another size is refused', async ({ adapter, file }) => {
    const gone = await file(text('rows'))
    await rm(gone.path)
    await expect(adapter.stage(gone, storagePath(TARGET), STAGING, 'attempt-a')).rejects.toThrow()
    const grown = await file(text('rows'))
    await appendFile(grown.path, 'more')
    await expectKind(adapter.stage(grown, storagePath(TARGET), STAGING, 'attempt-b'), 'corrupt')
    expect(await collect(adapter.listStaged(STAGING))).toEqual([])
  })

  test('staging again under the same attempt is the same staged object', async ({ adapter, file }) => {
    const local = await file(text('rows'))
    await adapter.stage(local, storagePath(TARGET), STAGING, 'attempt-a')
    const staged = await adapter.stage(local, storagePath(TARGET), STAGING, 'attempt-a')
    expect(await adapter.publish(staged)).toBe('published')
    expect(await readText(adapter, TARGET)).toBe('rows')
  })

  test('attempts at one target lie side by side', async ({ adapter, stage }) => {
    const [first, second] = [await stage(TARGET, text('first')), await stage(TARGET, text('second'))]
    expect(first.handle).not.toBe(second.handle)
    expect(await adapter.publish(second)).toBe('published')
    expect(await readText(adapter, TARGET)).toBe('second')
  })

  test('everything staged is listed for vacuum, with its target', async ({ adapter, stage }) => {
    const staged = [await stage('books/a=1/x', text('1')), await stage('books/ü b=%2F/y~z', noise(1000, 1))]
    const listed = await collect(adapter.listStaged(STAGING))
    const byHandle = (a: { handle: string }, b: { handle: string }) => (a.handle < b.handle ? -1 : 1)
    expect(listed.sort(byHandle)).toEqual(staged.sort(byHandle))
    expect(await collect(adapter.listStaged(storagePath('_millrace')))).toHaveLength(2)
    expect(await collect(adapter.listStaged(storagePath('_millrace/p/staging/2')))).toEqual([])
  })

  test('a listed staged object can be published or discarded', async ({ adapter, stage }) => {
    await stage('books/a', text('a'))
    await stage('books/b', text('b'))
    for (const object of await collect(adapter.listStaged(STAGING))) {
      if (object.target === 'books/a') expect(await adapter.publish(object)).toBe('published')
      else await adapter.discard(object)
    }
    expect(await pathsBelow(adapter, 'books')).toEqual(['books/a'])
    expect(await collect(adapter.listStaged(STAGING))).toEqual([])
  })

  test('discard takes it away, once or often', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    await adapter.discard(staged)
    await adapter.discard(staged)
    expect(await collect(adapter.listStaged(STAGING))).toEqual([])
    await expectKind(adapter.publish(staged), 'not_found')
  })

  test('discard after publish leaves the target', async ({ adapter, stage }) => {
    const staged = await stage(TARGET, text('rows'))
    await adapter.publish(staged)
    await adapter.discard(staged)
    expect(await readText(adapter, TARGET)).toBe('rows')
  })

  test('30 files are staged and published at once', async ({ adapter, file }) => {
    const files = await Promise.all(Array.from({ length: 30 }, (_, i) => file(noise(10_000, i + 1))))
    const staged = await Promise.all(
      files.map((local, i) => adapter.stage(local, storagePath(`books/day=${i}/f`), STAGING, 'attempt-a')),
    )
    const answers = await Promise.all(staged.map((object) => adapter.publish(object)))
    expect(new Set(answers)).toEqual(new Set(['published']))
    for (const [i, local] of files.entries()) {
      expect(sha256Hex(await adapter.read(storagePath(`books/day=${i}/f`)))).toBe(local.sha256)
    }
  })
}
