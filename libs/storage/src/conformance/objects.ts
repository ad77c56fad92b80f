import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import { type ConformanceTest, create, expectKind, noise, pathsBelow, readText, sha256Hex, text } from './harness.ts'

/** Segments that break naive URL building, globbing, shells or XML listings. */
const ODD_SEGMENTS = [
  'with space',
  '100%',
  '%2F',
  '%2e%2e',
  'added=2026-11-20',
  'a+b',
  'q?x#y&z',
  `quote"s'`,
  '<tag>',
  '[1]*',
  '{a,b}',
  '~tilde',
  '.hidden',
  '_under',
  '-dash',
  '...',
  'é',
  'e\u0301',
  '日本語',
  '😀',
  'عربي',
]

export function objectCases(test: ConformanceTest): void {
  test('what was created is read back', async ({ adapter }) => {
    await create(adapter, 'a/b/c.json', '{"v":1}')
    expect(await readText(adapter, 'a/b/c.json')).toBe('{"v":1}')
    expect(await adapter.head(storagePath('a/b/c.json'))).toEqual({ path: 'a/b/c.json', bytes: 7 })
  })

  test('a missing object has no head and cannot be read or downloaded', async ({ adapter, folder }) => {
    const missing = storagePath('no/such/object')
    expect(await adapter.head(missing)).toBeUndefined()
    await expectKind(adapter.read(missing), 'not_found')
    await expectKind(adapter.download(missing, join(folder, 'out')), 'not_found')
    expect(await readdir(folder)).toEqual([])
  })

  test('a directory is not an object', async ({ adapter }) => {
    await create(adapter, 'dir/object')
    expect(await adapter.head(storagePath('dir'))).toBeUndefined()
    await expectKind(adapter.read(storagePath('dir')), 'not_found')
    expect(await adapter.remove(storagePath('dir'))).toBe('absent')
    expect(await readText(adapter, 'dir/object')).toBe('dir/object')
  })

  test('what lies below an object is not there', async ({ adapter }) => {
    await create(adapter, 'object')
    expect(await adapter.head(storagePath('object/below'))).toBeUndefined()
    await expectKind(adapter.read(storagePath('object/below')), 'not_found')
    expect(await adapter.remove(storagePath('object/below'))).toBe('absent')
  })

  test('a range gives exactly its bytes', async ({ adapter }) => {
    const path = storagePath('bytes')
    await adapter.createIfAbsent(path, text('0123456789'))
    const slice = async (start: number, end: number) =>
      new TextDecoder().decode(await adapter.read(path, { start, end }))
    expect(await slice(0, 1)).toBe('0')
    expect(await slice(3, 7)).toBe('3456')
    expect(await slice(9, 10)).toBe('9')
    expect(await slice(0, 10)).toBe('0123456789')
    expect(await slice(4, 4)).toBe('')
  })

  test('a range past the end comes back short', async ({ adapter }) => {
    const path = storagePath('bytes')
    await adapter.createIfAbsent(path, text('0123456789'))
    expect(new TextDecoder().decode(await adapter.read(path, { start: 8, end: 100 }))).toBe('89')
    expect((await adapter.read(path, { start: 10, end: 20 })).length).toBe(0)
    expect((await adapter.read(path, { start: 50, end: 60 })).length).toBe(0)
  })

  test('an impossible range is refused', async ({ adapter }) => {
    const path = await create(adapter, 'bytes')
    await expect(adapter.read(path, { start: 5, end: 2 })).rejects.toThrow(RangeError)
    await expect(adapter.read(path, { start: -1, end: 2 })).rejects.toThrow(RangeError)
  })

  test('an empty object is an object', async ({ adapter, folder }) => {
    const path = storagePath('empty')
    expect(await adapter.createIfAbsent(path, new Uint8Array())).toBe('created')
    expect(await adapter.createIfAbsent(path, text('x'))).toBe('exists')
    expect(await adapter.head(path)).toEqual({ path, bytes: 0 })
    expect((await adapter.read(path)).length).toBe(0)
    await adapter.download(path, join(folder, 'out'))
    expect((await readFile(join(folder, 'out'))).length).toBe(0)
  })

  test('every byte value survives', async ({ adapter }) => {
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff)
    await adapter.createIfAbsent(storagePath('bytes'), bytes)
    expect(sha256Hex(await adapter.read(storagePath('bytes')))).toBe(sha256Hex(bytes))
  })

  test('what was read belongs to the reader', async ({ adapter }) => {
    const path = await create(adapter, 'object', 'abc')
    const bytes = await adapter.read(path)
    bytes.fill(0)
    expect(await readText(adapter, 'object')).toBe('abc')
  })

  test('a download is complete, whatever was there before', async ({ adapter, folder, stage }) => {
    const bytes = noise(3_000_001, 7)
    await adapter.publish(await stage('big', bytes))
    const local = join(folder, 'out')
    await adapter.download(storagePath('big'), local)
    await adapter.download(storagePath('big'), local)
    expect(sha256Hex(await readFile(local))).toBe(sha256Hex(bytes))
  })

  test('odd characters round-trip in every verb', async ({ adapter, stage }) => {
    const paths = ODD_SEGMENTS.map((segment) => `odd/${segment}/${segment}`)
    for (const path of paths) await create(adapter, path)
    for (const path of paths) expect(await readText(adapter, path)).toBe(path)
    expect(new Set(await pathsBelow(adapter, 'odd'))).toEqual(new Set(paths))
    for (const path of paths) {
      const published = `${path}.parquet`
      await adapter.publish(await stage(published, text(published)))
      expect(await readText(adapter, published)).toBe(published)
      expect(await adapter.remove(storagePath(path))).toBe('removed')
    }
    expect((await pathsBelow(adapter, 'odd')).length).toBe(paths.length)
  })

  test('paths that look alike stay apart', async ({ adapter }) => {
    const alike = ['x/a b', 'x/a%20b', 'x/a+b', 'x/a%2520b', 'x/é', 'x/e\u0301', 'x/%C3%A9', 'x/A b']
    for (const path of alike) await create(adapter, path)
    for (const path of alike) expect(await readText(adapter, path)).toBe(path)
  })

  test('a long path round-trips', async ({ adapter, stage }) => {
    const path = `${'d'.repeat(200)}/${'e'.repeat(200)}/${'é'.repeat(100)}/${'f'.repeat(240)}`
    await adapter.publish(await stage(path, text('deep')))
    expect(await readText(adapter, path)).toBe('deep')
  })

  test('remove says whether there was something', async ({ adapter }) => {
    const path = await create(adapter, 'dir/object')
    expect(await adapter.remove(path)).toBe('removed')
    expect(await adapter.remove(path)).toBe('absent')
    expect(await adapter.head(path)).toBeUndefined()
    expect(await adapter.createIfAbsent(path, text('again'))).toBe('created')
    expect(await readText(adapter, 'dir/object')).toBe('again')
  })

  test('a path that was not validated is refused', async ({ adapter }) => {
    const outside = '../outside' as ReturnType<typeof storagePath>
    await expectKind(adapter.createIfAbsent(outside, text('x')), 'invalid_path')
    await expectKind(adapter.read(outside), 'invalid_path')
    await expectKind(adapter.remove(outside), 'invalid_path')
  })
}
