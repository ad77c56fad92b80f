import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import { openLocalStorage } from '@millrace/storage/local'
import { openMemoryStorage } from '@millrace/storage/memory'
import { type FaultMode, faultStorage, nthFault } from '@millrace/storage/wrap'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { draftOf, endOf, openTestLog, STATE, TABLE, valuesBelow } from './support.ts'

const TOTAL = 6
let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-nth-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const write = async (content: string): Promise<string> => {
  const path = join(folder, `file-${++files}`)
  await writeFile(path, content)
  return path
}

/** Two workers, one after the other, as after a restart; the second finishes the topic and tidies. */
const runTwoWorkers = async (store: StorageAdapter): Promise<void> => {
  for (const until of [TOTAL / 2, TOTAL]) {
    const log = openTestLog(store)
    await log.claim()
    let at = endOf((await log.recover()).head?.end)
    while (at < until) {
      const outcome = await log.commit(await draftOf(write, at, at + 3))
      expect(outcome.kind).toBe('won')
      at += 3
    }
    await log.vacuum()
  }
}

const checkExactlyOnce = async (store: StorageAdapter): Promise<void> => {
  const offsets = Array.from({ length: TOTAL }, (_, offset) => offset)
  expect(await valuesBelow(store, TABLE)).toEqual(offsets.filter((offset) => offset % 3 !== 0))
  expect(await valuesBelow(store, `${STATE}/dead_letters` as StoragePath)).toEqual(
    offsets.filter((offset) => offset % 3 === 0),
  )
  const log = openTestLog(store)
  await log.vacuum()
  const report = await log.verify()
  expect(report.problems).toEqual([])
  expect(report.staged.orphans).toBe(0)
}

const stores: readonly (readonly [string, () => StorageAdapter])[] = [
  ['memory', () => openMemoryStorage()],
  ['local', () => openLocalStorage({ root: join(folder, `store-${++files}`) })],
]
const modes: readonly FaultMode[] = ['before', 'after', 'late']

describe.each(stores)('on %s storage, with the 1st, 2nd, … storage call failing', (_name, open) => {
  it.each(modes)(
    'commits every row exactly once (fault: %s)',
    async (mode) => {
      let reached = 0
      for (let n = 1; ; n++) {
        const store = open()
        const faulty = faultStorage(store, { plan: nthFault(n, mode) })
        await runTwoWorkers(faulty.storage)
        if (faulty.injected === 0) break
        reached = n
        await checkExactlyOnce(store)
        while (faulty.outstanding > 0) await faulty.landLate()
        await checkExactlyOnce(store)
      }
      // The loop ends with the first run that made fewer calls than n: all calls were struck.
      expect(reached).toBeGreaterThan(50)
    },
    120_000,
  )
})
