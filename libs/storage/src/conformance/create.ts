import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import { type ConformanceTest, create, expectKind, noise, pathsBelow, readText, sha256Hex, text } from './harness.ts'

const WRITERS = 16

export function createCases(test: ConformanceTest): void {
  test('the second writer is told, and changes nothing', async ({ adapter }) => {
    await create(adapter, 'commits/1', 'first')
    expect(await adapter.createIfAbsent(storagePath('commits/1'), text('second'))).toBe('exists')
    expect(await readText(adapter, 'commits/1')).toBe('first')
  })

  test('writing the same bytes again is still the second write', async ({ adapter }) => {
    await create(adapter, 'commits/1', 'same')
    expect(await adapter.createIfAbsent(storagePath('commits/1'), text('same'))).toBe('exists')
  })

  test(`a race of ${WRITERS} writers has one winner, whose bytes stand`, async ({ adapter }) => {
    for (let round = 0; round < 10; round += 1) {
      const path = storagePath(`commits/${round}`)
      const answers = await Promise.all(
        Array.from({ length: WRITERS }, (_, writer) => adapter.createIfAbsent(path, text(`writer ${writer}`))),
      )
      expect(answers.filter((answer) => answer === 'created').length).toBe(1)
      expect(await readText(adapter, path)).toBe(`writer ${answers.indexOf('created')}`)
    }
    expect((await pathsBelow(adapter, 'commits')).length).toBe(10)
  })

  test('writers of different records do not disturb each other', async ({ adapter }) => {
    const paths = Array.from({ length: 50 }, (_, i) => `new/dir${i % 7}/record-${i}`)
    await Promise.all(paths.map((path) => create(adapter, path)))
    for (const path of paths) expect(await readText(adapter, path)).toBe(path)
  })

  test('a concurrent reader sees nothing or the whole record', async ({ adapter }) => {
    const bytes = noise(1_000_000, 3)
    const whole = sha256Hex(bytes)
    for (let round = 0; round < 5; round += 1) {
      const path = storagePath(`torn/${round}`)
      let writing = true
      const write = adapter.createIfAbsent(path, bytes).finally(() => {
        writing = false
      })
      while (writing) {
        const meta = await adapter.head(path)
        if (meta === undefined) continue
        expect(meta.bytes).toBe(bytes.length)
        expect(sha256Hex(await adapter.read(path))).toBe(whole)
      }
      expect(await write).toBe('created')
    }
  })

  test('an answered write is seen by the next listing and read', async ({ adapter }) => {
    for (let i = 0; i < 20; i += 1) {
      await create(adapter, `log/${String(i).padStart(4, '0')}`)
      expect((await pathsBelow(adapter, 'log')).length).toBe(i + 1)
    }
  })

  test("the writer's buffer may be reused afterwards", async ({ adapter }) => {
    const bytes = text('kept')
    await adapter.createIfAbsent(storagePath('object'), bytes)
    bytes.fill(0)
    expect(await readText(adapter, 'object')).toBe('kept')
  })

  test('an object where a directory would be needed stays as it is', async ({ adapter }) => {
    await create(adapter, 'key', 'object')
    const below = adapter.createIfAbsent(storagePath('key/below'), text('x'))
    // An object store has both; a file system cannot, and says so.
    const answer = await below.catch((error: unknown) => error)
    if (answer !== 'created') await expectKind(below, 'invalid_path')
    expect(await readText(adapter, 'key')).toBe('object')
  })

  test('a directory where an object should be stays as it is', async ({ adapter }) => {
    await create(adapter, 'key/below', 'object')
    const at = adapter.createIfAbsent(storagePath('key'), text('x'))
    const answer = await at.catch((error: unknown) => error)
    if (answer !== 'created') await expectKind(at, 'invalid_path')
    expect(await readText(adapter, 'key/below')).toBe('object')
  })
}
