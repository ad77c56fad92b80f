import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import { collect, type ConformanceTest, create, pathsBelow, text } from './harness.ts'

export function listCases(test: ConformanceTest): void {
  test('a listing is recursive, ascending by path, with sizes', async ({ adapter }) => {
    const paths = ['t/b', 't/a/2', 't/a/1', 't/a-b', 't/a.b', 't/ab', 't/c/d/e/f', 't/B']
    for (const path of paths) await create(adapter, path)
    expect(await collect(adapter.list(storagePath('t')))).toEqual(
      ['t/B', 't/a-b', 't/a.b', 't/a/1', 't/a/2', 't/ab', 't/b', 't/c/d/e/f'].map((path) => ({
        path,
        bytes: path.length,
      })),
    )
  })

  test('order is by UTF-8 bytes, not by UTF-16 units', async ({ adapter }) => {
    for (const name of ['\u{1f600}', '\uffee', 'z', 'é']) await create(adapter, `t/${name}`)
    expect(await pathsBelow(adapter, 't')).toEqual(['t/z', 't/é', 't/\uffee', 't/\u{1f600}'])
  })

  test('a listing goes on after a path', async ({ adapter }) => {
    const paths = ['t/a', 't/b-c', 't/b/1', 't/b/2', 't/c']
    for (const path of paths) await create(adapter, path)
    for (const [i, path] of paths.entries()) expect(await pathsBelow(adapter, 't', path)).toEqual(paths.slice(i + 1))
  })

  test('the path to go on after need not exist', async ({ adapter }) => {
    for (const path of ['t/a', 't/b/1', 't/b/2', 't/c']) await create(adapter, path)
    expect(await pathsBelow(adapter, 't', 't/b')).toEqual(['t/b/1', 't/b/2', 't/c'])
    expect(await pathsBelow(adapter, 't', 't/b/15')).toEqual(['t/b/2', 't/c'])
    expect(await pathsBelow(adapter, 't', 't/z')).toEqual([])
    expect(await pathsBelow(adapter, 't', 'a')).toEqual(['t/a', 't/b/1', 't/b/2', 't/c'])
    expect(await pathsBelow(adapter, 't', 'u')).toEqual([])
  })

  test("a prefix is a directory, not the beginning of a sibling's name", async ({ adapter }) => {
    for (const path of ['raw/books/1', 'raw/books2/1', 'raw/books.old/1', 'raw/book/1']) await create(adapter, path)
    expect(await pathsBelow(adapter, 'raw/books')).toEqual(['raw/books/1'])
    expect(await pathsBelow(adapter, 'raw/boo')).toEqual([])
  })

  test('an object at the prefix itself is not below it', async ({ adapter }) => {
    await create(adapter, 'key')
    expect(await pathsBelow(adapter, 'key')).toEqual([])
  })

  test('nothing is listed where nothing is', async ({ adapter }) => {
    expect(await pathsBelow(adapter, 'no/such')).toEqual([])
  })

  test('more than a page of objects is listed, each once', async ({ adapter }) => {
    const names = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(5, '0')}`)
    for (let i = 0; i < names.length; i += 50) {
      await Promise.all(
        names.slice(i, i + 50).map((name) => adapter.createIfAbsent(storagePath(name), new Uint8Array(1))),
      )
    }
    expect(await pathsBelow(adapter, 'many')).toEqual(names)
    expect(await pathsBelow(adapter, 'many', names[1050])).toEqual(names.slice(1051))
  })

  test('a listing may be left early', async ({ adapter }) => {
    for (const path of ['t/a', 't/b', 't/c']) await create(adapter, path)
    for await (const meta of adapter.list(storagePath('t'))) {
      expect(meta.path).toBe('t/a')
      break
    }
  })

  test('a removed object is not listed', async ({ adapter }) => {
    for (const path of ['t/a', 't/b']) await create(adapter, path)
    await adapter.remove(storagePath('t/a'))
    expect(await pathsBelow(adapter, 't')).toEqual(['t/b'])
  })

  test('what is written during a listing does not disturb it', async ({ adapter }) => {
    for (const path of ['t/a', 't/b', 't/c/1']) await create(adapter, path)
    const seen: string[] = []
    for await (const meta of adapter.list(storagePath('t'))) {
      seen.push(meta.path)
      await adapter.createIfAbsent(storagePath(`other/${seen.length}`), text('x'))
    }
    expect(seen).toEqual(['t/a', 't/b', 't/c/1'])
  })
}
