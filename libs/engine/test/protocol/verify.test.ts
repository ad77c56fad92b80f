import type { StorageAdapter, StoragePath } from '@millrace/storage'
import { describe, expect, it } from 'vitest'
import type { PipelineLog, VerifyOptions } from '../../src/protocol/index.ts'
import { type Machine, memoryMachine } from './machines.ts'
import { draftOf, openTestLog, STATE, TABLE } from './support.ts'

const committed = async (): Promise<Machine & { log: PipelineLog }> => {
  const machine = memoryMachine()
  const log = openTestLog(machine.store)
  await log.claim()
  await log.recover()
  for (const at of [0, 3, 6]) await log.commit(await draftOf(machine.write, at, at + 3))
  return { ...machine, log }
}

const first = async (store: StorageAdapter, under: StoragePath): Promise<StoragePath> => {
  for await (const { path } of store.list(under)) return path
  throw new Error('nothing there')
}
const put = (store: StorageAdapter, path: string, text: string) =>
  store.createIfAbsent(path as StoragePath, new TextEncoder().encode(text))

describe('verify', () => {
  it('finds nothing wrong where nothing is, and says what there is', async () => {
    const { log } = await committed()
    expect(await log.verify()).toEqual({
      ok: true,
      commits: 3,
      head: 3,
      end: { books: { 0: '9' } },
      files: 6,
      rows: 6,
      bytes: 18,
      deadLetterFiles: 3,
      deadLetterRows: 3,
      stateFiles: 3,
      staged: { orphans: 0, pending: 0, bytes: 0 },
      foreign: [],
      problems: [],
    })
    expect(await openTestLog(memoryMachine().store).verify()).toMatchObject({ ok: true, commits: 0 })
  })

  it.each([TABLE, `${STATE}/dead_letters`, `${STATE}/state`])('names a deleted file below %s', async (under) => {
    const { store, log } = await committed()
    const path = await first(store, under as StoragePath)
    await store.remove(path)
    const report = await log.verify()
    expect(report.ok).toBe(false)
    expect(report.problems).toMatchObject([{ kind: 'missing', version: 1, path }])
    expect(report.problems[0]?.message).toContain(path)
  })

  it('sees other bytes of the same length, unless told to look at lengths only', async () => {
    const { store, log } = await committed()
    const path = await first(store, TABLE)
    await store.remove(path)
    await put(store, path, '[9]')
    expect((await log.verify()).problems).toMatchObject([{ kind: 'sha256', path }])
    expect((await log.verify({ deep: false })).ok).toBe(true)
    await store.remove(path)
    await put(store, path, '[')
    expect((await log.verify({ deep: false })).problems).toMatchObject([{ kind: 'bytes', path }])
  })

  it('compares rows with what the reader of Parquet counts', async () => {
    const { log } = await committed()
    const countRows: NonNullable<VerifyOptions['countRows']> = async (store, path) =>
      (JSON.parse(new TextDecoder().decode(await store.read(path))) as unknown[]).length
    expect((await log.verify({ countRows })).ok).toBe(true)
    const report = await log.verify({ countRows: async (store, path) => (await countRows(store, path)) + 1 })
    expect(report.problems).toHaveLength(12)
    expect(report.problems[0]).toMatchObject({ kind: 'rows', version: 1 })
    const unreadable = await log.verify({ countRows: () => Promise.reject(new Error('not Parquet')) })
    expect(unreadable.problems[0]?.message).toMatch(/cannot be read: not Parquet/)
  })

  it('calls a file of the pipeline that no commit names a problem, and one of somebody else foreign', async () => {
    const { store, log } = await committed()
    const planted = `${TABLE}/day=x/books-0123abcd-9-0.parquet`
    await put(store, planted, '[1]')
    await put(store, `${TABLE}/other.parquet`, '[1]')
    await put(store, `${TABLE}/_delta_log/00.json`, '{}')
    await put(store, `${STATE}/dead_letters/9-0.parquet`, '[1]')
    const report = await log.verify()
    expect(report.problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['uncommitted', planted],
      ['uncommitted', `${STATE}/dead_letters/9-0.parquet`],
    ])
    expect(report.foreign).toEqual([`${TABLE}/other.parquet`])
  })

  it('names the gap of a log, and still checks what lies before it', async () => {
    const { store, log } = await committed()
    await store.remove(await first(store, TABLE))
    await store.remove(`${STATE}/commits/${'2'.padStart(20, '0')}.json` as StoragePath)
    const { problems } = await log.verify()
    expect(problems.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['chain', 'missing']))
    expect(problems.find(({ kind }) => kind === 'chain')?.message).toMatch(/commit 2 is missing/)
  })

  it('names a torn commit once, and calls no file uncommitted that it may name', async () => {
    const { store, log } = await committed()
    const path = `${STATE}/commits/${'2'.padStart(20, '0')}.json` as StoragePath
    const bytes = await store.read(path)
    await store.remove(path)
    await put(store, path, new TextDecoder().decode(bytes).slice(0, -10))
    const { ok, problems } = await log.verify()
    expect(ok).toBe(false)
    expect(problems.map(({ kind, path }) => [kind, path])).toEqual([
      ['record', path],
      ['chain', expect.any(String)],
    ])
    expect(problems[1]?.message).toMatch(/cannot be read: \d+ files are not checked/)
  })

  it('names a commit that is decided and not published', async () => {
    const { write, log } = await committed()
    const staged = await log.stage(await draftOf(write, 9, 12))
    if (staged.kind === 'staged') await log.decide(staged.batch)
    expect((await log.verify()).problems).toMatchObject([{ kind: 'unpublished', version: 4 }])
    await log.recover()
    expect((await log.verify()).ok).toBe(true)
  })

  it('takes into account what is committed and published while it looks', async () => {
    const { write, log } = await committed()
    let at = 9
    const countRows: NonNullable<VerifyOptions['countRows']> = async (store, path) => {
      if (at === 9) await log.commit(await draftOf(write, at, (at += 3)))
      return (JSON.parse(new TextDecoder().decode(await store.read(path))) as unknown[]).length
    }
    expect(await log.verify({ countRows })).toMatchObject({ ok: true, head: 4, problems: [] })
  })
})

describe('vacuum', () => {
  it('deletes what losers left, says first what it would do, and leaves what may still win', async () => {
    const { store, write, log } = await committed()
    const loser = openTestLog(store)
    await loser.claim()
    await loser.recover()
    await loser.stage(await draftOf(write, 9, 11))
    expect(await log.vacuum()).toMatchObject({ deleted: [], bytes: 0 })
    expect((await log.verify()).staged).toMatchObject({ orphans: 0, pending: 3 })

    const winner = openTestLog(store)
    await winner.claim()
    await winner.recover()
    await winner.commit(await draftOf(write, 9, 12))
    const dry = await log.vacuum({ dryRun: true })
    expect(dry).toMatchObject({ dryRun: true, kept: [] })
    expect(dry.deleted).toHaveLength(3)
    expect(dry.deleted.every(({ version }) => version === 4)).toBe(true)
    expect((await log.verify()).staged).toMatchObject({ orphans: 3, bytes: dry.bytes })
    expect((await log.vacuum()).deleted).toEqual(dry.deleted)
    expect((await log.vacuum()).deleted).toEqual([])
    expect((await log.verify()).ok).toBe(true)
  })
})
