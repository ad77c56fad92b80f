import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { storagePath } from '../path.ts'
import { collect, type ConformanceTest, create, pathsBelow, STAGING, text } from './harness.ts'

const REASON = new Error('stopped by the caller')

export function abortCases(test: ConformanceTest): void {
  test("a call with an aborted signal does nothing and throws the caller's reason", async (bench) => {
    const { adapter, file, folder, stage } = bench
    const signal = AbortSignal.abort(REASON)
    const path = await create(adapter, 'dir/object')
    const staged = await stage('books/staged', text('rows'))
    const local = await file(text('rows'))
    const other = storagePath('dir/other')
    const calls: readonly (() => Promise<unknown>)[] = [
      () => adapter.head(path, signal),
      () => adapter.read(path, undefined, signal),
      () => adapter.download(path, join(folder, 'out'), signal),
      () => collect(adapter.list(storagePath('dir'), undefined, signal)),
      () => adapter.createIfAbsent(other, text('x'), signal),
      () => adapter.stage(local, other, STAGING, 'attempt-x', signal),
      () => adapter.publish(staged, signal),
      () => adapter.discard(staged, signal),
      () => collect(adapter.listStaged(STAGING, signal)),
      () => adapter.remove(path, signal),
      () => adapter.probe(storagePath('probed'), signal),
    ]
    for (const call of calls) await expect(call()).rejects.toBe(REASON)
    expect(await pathsBelow(adapter, 'dir')).toEqual(['dir/object'])
    expect(await pathsBelow(adapter, 'books')).toEqual([])
    expect(await pathsBelow(adapter, 'probed')).toEqual([])
    expect(await collect(adapter.listStaged(STAGING))).toEqual([staged])
    expect(await readdir(folder)).not.toContain('out')
  })

  test('an abort in the middle of a listing ends it', async ({ adapter }) => {
    for (let i = 0; i < 600; i += 50) {
      const names = Array.from({ length: 50 }, (_, n) => storagePath(`t/${String(i + n).padStart(4, '0')}`))
      await Promise.all(names.map((name) => adapter.createIfAbsent(name, new Uint8Array(1))))
    }
    const abort = new AbortController()
    const listing = async (): Promise<void> => {
      for await (const _ of adapter.list(storagePath('t'), undefined, abort.signal)) abort.abort(REASON)
    }
    await expect(listing()).rejects.toBe(REASON)
  })

  test('an abort during a write leaves all or nothing', async ({ adapter }) => {
    const path = storagePath('dir/object')
    const abort = new AbortController()
    const write = adapter.createIfAbsent(path, text('whole'), abort.signal)
    abort.abort(REASON)
    const answer = await write.catch((error: unknown) => error)
    const found = await adapter.head(path)
    if (answer === 'created') expect(found?.bytes).toBe(5)
    else expect([undefined, 5]).toContain(found?.bytes)
    expect((await pathsBelow(adapter, 'dir')).length).toBe(found === undefined ? 0 : 1)
  })

  test('the probe passes and leaves nothing behind', async ({ adapter }) => {
    const under = storagePath('_millrace/p')
    await adapter.probe(under)
    await adapter.probe(under)
    expect(await pathsBelow(adapter, '_millrace')).toEqual([])
    expect(await collect(adapter.listStaged(storagePath('_millrace')))).toEqual([])
  })

  test('probes at the same time do not disturb each other', async ({ adapter }) => {
    const under = storagePath('_millrace/p')
    await Promise.all([adapter.probe(under), adapter.probe(under), adapter.probe(under)])
    expect(await pathsBelow(adapter, '_millrace')).toEqual([])
  })
}
