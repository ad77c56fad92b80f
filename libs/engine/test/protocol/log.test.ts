import { type StorageAdapter, StorageError, type StoragePath } from '@millrace/storage'
import { interceptStorage } from '@millrace/storage/wrap'
import { describe, expect, it } from 'vitest'
import { fencedError, type PipelineLog } from '../../src/protocol/index.ts'
import { memoryMachine } from './machines.ts'
import { draftOf, localFile, openTestLog, quickClock, STATE, TABLE, valuesBelow } from './support.ts'

const started = async (
  store: StorageAdapter,
  options: Parameters<typeof openTestLog>[1] = {},
): Promise<PipelineLog> => {
  const log = openTestLog(store, options)
  await log.claim()
  await log.recover()
  return log
}

const paths = async (store: StorageAdapter, under: string): Promise<string[]> => {
  const found: string[] = []
  for await (const { path } of store.list(under as StoragePath)) found.push(path)
  return found
}

const code = (name: string) => expect.objectContaining({ code: name })

describe('a pipeline’s log', () => {
  it('starts empty, and a restart goes on where the last commit ended', async () => {
    const { store, write } = memoryMachine()
    const one = openTestLog(store)
    expect(await one.head()).toBeUndefined()
    expect(await one.claim()).toBe(1)
    expect(await one.recover()).toMatchObject({ epoch: 1, state: [], snapshotVersion: 0 })
    const outcome = await one.commit(await draftOf(write, 0, 3))
    expect(outcome).toMatchObject({ kind: 'won', record: { version: 1, epoch: 1, end: { books: { 0: '3' } } } })

    const two = openTestLog(store)
    expect(await two.claim()).toBe(2)
    const { head } = await two.recover()
    expect(head).toEqual(outcome.kind === 'won' ? outcome.record : undefined)
    expect(await two.commit(await draftOf(write, 3, 6))).toMatchObject({ kind: 'won', record: { version: 2 } })
    expect((await two.head())?.version).toBe(2)
    expect(await two.isPublished(2)).toBe(true)
    const versions: number[] = []
    for await (const { version } of two.readCommits({ from: 2 })) versions.push(version)
    expect(versions).toEqual([2])
  })

  it('finds the head of a thousand commits without reading or listing them', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    for (let at = 0; at < 1_000; at++)
      await log.commit(await draftOf(write, at, at + 1, { tables: [], deadLetters: [], state: [] }))
    let [calls, listed] = [0, 0]
    const counted = interceptStorage(store, async (call, run) => {
      calls++
      const result = await run()
      if (call.verb === 'list') listed += (result as { items: unknown[] }).items.length
      return result
    })
    const next = openTestLog(counted)
    await next.claim()
    expect((await next.recover()).head?.version).toBe(1_000)
    expect(listed).toBe(0)
    expect(calls).toBeLessThan(80)
  })

  it('is fenced by a later worker before it stages anything', async () => {
    const { store, write } = memoryMachine()
    const older = await started(store)
    const newer = await started(store)
    expect(await older.commit(await draftOf(write, 0, 3))).toEqual({ kind: 'fenced', by: 2 })
    expect(await newer.commit(await draftOf(write, 0, 3))).toMatchObject({ kind: 'won' })
    expect(fencedError('books', 2)).toMatchObject({ code: 'ENG_PROTOCOL_FENCED', exitCode: 3 })
  })

  it('tells the loser who won, and makes it recover before anything else', async () => {
    const { store, write } = memoryMachine()
    const one = await started(store)
    const staged = await one.stage(await draftOf(write, 0, 3))
    const two = await started(store)
    await two.commit(await draftOf(write, 0, 5))
    if (staged.kind !== 'staged') throw new Error('fenced')
    expect(await one.decide(staged.batch)).toMatchObject({ kind: 'lost', winner: { end: { books: { 0: '5' } } } })
    await expect(one.stage(await draftOf(write, 3, 6))).rejects.toThrow(/recover/)
    expect((await one.recover()).head?.end).toEqual({ books: { 0: '5' } })
  })

  it('lets the next batch be staged, but not decided, before its own commit is published (I4)', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    const first = await log.stage(await draftOf(write, 0, 3))
    if (first.kind !== 'staged') throw new Error('fenced')
    const won = await log.decide(first.batch)
    const second = await log.stage(await draftOf(write, 3, 6))
    if (second.kind !== 'staged' || won.kind !== 'won') throw new Error('fenced')
    await expect(log.decide(second.batch)).rejects.toThrow(/\(I4\)/)
    await log.publish(won.record)
    expect(await log.decide(second.batch)).toMatchObject({ kind: 'won' })
  })

  it('refuses a batch that does not start where the head ended', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    await log.commit(await draftOf(write, 0, 3))
    await expect(log.stage(await draftOf(write, 4, 6))).rejects.toThrow(/partition 0 of books starts at 4, after 3/)
    await expect(log.stage(await draftOf(write, 2, 6))).rejects.toThrow(/starts at 2, behind 3/)
  })

  it('writes down what retention took away, where the policy is to skip it', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    await log.commit(await draftOf(write, 0, 3))
    const outcome = await log.commit(await draftOf(write, 5, 8, { mayHaveGaps: true }))
    const gaps = [{ topic: 'books', partition: 0, from: '3', to: '5' }]
    expect(outcome).toMatchObject({ kind: 'won', record: { start: { books: { 0: '3' } }, gaps } })
    expect(await openTestLog(store).head()).toMatchObject({ gaps })
    expect((await log.verify()).ok).toBe(true)
  })

  it('gives back the live state: the newest snapshot and the deltas after it', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    const state = async (kind: 'delta' | 'snapshot', keys: number[]) => ({
      ...(await localFile(write, keys)),
      stream: 'books',
      bucket_start_ms: 0,
      bucket_end_ms: 1_000,
      kind,
    })
    await log.commit(await draftOf(write, 0, 3, { state: [await state('delta', [1])] }))
    const both = [await state('delta', [2]), await state('snapshot', [1, 2])]
    await log.commit(await draftOf(write, 3, 6, { state: both, stateSnapshot: true }))
    await log.commit(await draftOf(write, 6, 9, { state: [await state('delta', [3])] }))
    const next = openTestLog(store)
    await next.claim()
    const recovered = await next.recover()
    expect(recovered.snapshotVersion).toBe(2)
    expect(recovered.state.map(({ version, file }) => [version, file.kind])).toEqual([
      [2, 'snapshot'],
      [3, 'delta'],
    ])
  })
})

describe('a table', () => {
  it('is refused to another state under the same pipeline name', async () => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    await log.commit(await draftOf(write, 0, 3))
    const elsewhere = openTestLog(store, { stateRoot: 'other/_millrace/books' as StoragePath })
    await expect(elsewhere.claim()).rejects.toEqual(code('ENG_PROTOCOL_OTHER_STATE'))
    await started(store)
  })

  it('is refused when its state is gone and its rows are still there', async () => {
    const { store, write } = memoryMachine()
    await (await started(store)).commit(await draftOf(write, 0, 3))
    for (const path of await paths(store, 'lake/_millrace')) await store.remove(path as StoragePath)
    await expect(openTestLog(store).claim()).rejects.toEqual(code('ENG_PROTOCOL_OTHER_STATE'))
    expect(await paths(store, 'lake/_millrace')).toEqual([`${STATE}/instance`])
  })

  it('is shared by pipelines of different names', async () => {
    const { store, write } = memoryMachine()
    await (await started(store)).commit(await draftOf(write, 0, 3))
    const other = await started(store, { pipeline: 'more', stateRoot: 'lake/_millrace/more' as StoragePath })
    await other.commit(await draftOf(write, 0, 3))
    expect(await valuesBelow(store, TABLE)).toEqual([1, 1, 2, 2])
  })
})

describe('a damaged log', () => {
  const damaged = async (harm: (store: StorageAdapter) => Promise<unknown>): Promise<Promise<unknown>> => {
    const { store, write } = memoryMachine()
    const log = await started(store)
    for (const at of [0, 3, 6, 9, 12]) await log.commit(await draftOf(write, at, at + 3))
    await harm(store)
    const next = openTestLog(store)
    await next.claim()
    return next.recover()
  }
  const commitFile = (version: number) => `${STATE}/commits/${String(version).padStart(20, '0')}.json` as StoragePath
  const replace = async (store: StorageAdapter, version: number, text: string): Promise<void> => {
    await store.remove(commitFile(version))
    await store.createIfAbsent(commitFile(version), new TextEncoder().encode(text))
  }

  it('stops the pipeline at a missing commit', async () => {
    await expect(damaged((store) => store.remove(commitFile(3)))).rejects.toEqual(code('ENG_PROTOCOL_CHAIN_BROKEN'))
    await expect(damaged((store) => store.remove(commitFile(4)))).rejects.toEqual(code('ENG_PROTOCOL_CHAIN_BROKEN'))
  })
  it('stops the pipeline at a torn or edited commit', async () => {
    await expect(damaged((store) => replace(store, 5, '{"format":1'))).rejects.toEqual(
      code('ENG_PROTOCOL_RECORD_INVALID'),
    )
    const edit = async (store: StorageAdapter): Promise<void> => {
      const text = new TextDecoder().decode(await store.read(commitFile(4)))
      await replace(store, 4, text.replace('"fingerprint":"f"', '"fingerprint":"g"'))
    }
    await expect(damaged(edit)).rejects.toEqual(code('ENG_PROTOCOL_CHAIN_BROKEN'))
  })
})

describe('a store in trouble', () => {
  const failing = (store: StorageAdapter, times: number, kind: 'no_space' | 'permission' | 'unavailable') => {
    let left = times
    return interceptStorage(store, async (call, run) => {
      if (call.verb !== 'stage' || left-- <= 0) return run()
      throw new StorageError(kind, call.path, 'the disk says no')
    })
  }

  it('is waited for while it is full, says so, and the run goes on by itself', async () => {
    const { store, write } = memoryMachine()
    const told: (string | undefined)[] = []
    const log = await started(failing(store, 20, 'no_space'), { onTrouble: (message) => told.push(message) })
    expect(await log.commit(await draftOf(write, 0, 3))).toMatchObject({ kind: 'won' })
    expect(told).toHaveLength(21)
    expect(told[0]).toMatch(/Cannot stage .*trying again: the disk says no/)
    expect(told.at(-1)).toBeUndefined()
    expect(await valuesBelow(store, TABLE)).toEqual([1, 2])
  })

  it('shows nothing and commits nothing when it is given up', async () => {
    const { store, write } = memoryMachine()
    let now_ms = 0
    const clock = { ...quickClock, monotonic_ms: () => (now_ms += 1_000) }
    const log = await started(failing(store, Infinity, 'no_space'), { clock, retry: { giveUpAfter_ms: 60_000 } })
    await expect(log.commit(await draftOf(write, 0, 3))).rejects.toEqual(code('ENG_STORE_FULL'))
    expect(await paths(store, TABLE)).toEqual([])
    expect(await log.head()).toBeUndefined()
  })

  it('is not asked again when it refuses, or when the caller stops', async () => {
    const { store, write } = memoryMachine()
    const refused = await started(failing(store, Infinity, 'permission'))
    await expect(refused.commit(await draftOf(write, 0, 3))).rejects.toEqual(code('ENG_STORE_REFUSED'))
    const controller = new AbortController()
    const stopped = await started(failing(store, Infinity, 'unavailable'), { signal: controller.signal })
    const commit = stopped.commit(await draftOf(write, 0, 3))
    controller.abort(new Error('stop'))
    await expect(commit).rejects.toThrow('stop')
  })
})
