import type { StorageAdapter, StoragePath } from '@millrace/storage'
import { type FaultMode, type FaultPlan, faultStorage, isWrite, nthFault } from '@millrace/storage/wrap'
import { expect } from 'vitest'
import type { Machine } from './machines.ts'
import { draftOf, endOf, openTestLog, STATE, TABLE, valuesBelow } from './support.ts'

const TOTAL = 6

/** Two workers, one after the other, as after a restart; the second finishes the topic and tidies. */
const runTwoWorkers = async ({ store, write }: Machine): Promise<void> => {
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

export const faultModes: readonly FaultMode[] = ['before', 'after', 'late']

/** The nth call; the nth write where the mode is one that reads do not know. */
const nthOf = (n: number, mode: FaultMode): FaultPlan => {
  if (mode === 'before') return nthFault(n, mode)
  let writes = 0
  return ({ verb }) => (isWrite(verb) && ++writes === n ? mode : undefined)
}

/** Each run has at least so many calls of the kind that a mode strikes. */
export const strikes_min = (mode: FaultMode): number => (mode === 'before' ? 50 : 20)

/** Fails the nth storage call of two workers' lives; answers whether they made so many. */
export const failNth = async ({ store, write }: Machine, n: number, mode: FaultMode): Promise<boolean> => {
  const faulty = faultStorage(store, { plan: nthOf(n, mode) })
  await runTwoWorkers({ store: faulty.storage, write })
  if (faulty.injected === 0) return false
  await checkExactlyOnce(store)
  if (faulty.outstanding === 0) return true
  await faulty.landLate()
  await checkExactlyOnce(store)
  return true
}
