import { expect } from 'vitest'
import type { StoragePath } from '@millrace/storage'
import { CRASH_POINTS, type CrashPoint, type Crashpoint } from '../../src/protocol/index.ts'
import type { Machine } from './machines.ts'
import { draftOf, endOf, openTestLog, STATE, TABLE, valuesBelow } from './support.ts'

const TOTAL = 6

/** Those of the batch loop are struck by the tests of the runtime. */
export const protocolPoints = CRASH_POINTS.filter((name) => !/execute|ack/.test(name))

/** A worker's life: recovers, reads to the end, tidies. Ends early when it is fenced. */
const work = async ({ store, write }: Machine, crashpoint?: Crashpoint): Promise<void> => {
  const log = openTestLog(store, crashpoint === undefined ? {} : { crashpoint })
  await log.claim()
  for (;;) {
    let at = endOf((await log.recover()).head?.end)
    let lost = false
    while (at < TOTAL && !lost) {
      const outcome = await log.commit(await draftOf(write, at, at + 3))
      if (outcome.kind === 'fenced') return
      lost = outcome.kind === 'lost'
      at += 3
    }
    if (lost) continue
    await log.vacuum()
    return
  }
}

/** Leaves what each point needs to be reached: a decided head that is not published, and an orphan to tidy. */
const prepare = async ({ store, write }: Machine): Promise<void> => {
  const [one, two] = [openTestLog(store), openTestLog(store)]
  await one.claim()
  await two.claim()
  await one.recover()
  await two.recover()
  const staged = await two.stage(await draftOf(write, 0, 3))
  const orphan = await openTestLog(store)
  await orphan.claim()
  await orphan.recover()
  await orphan.stage(await draftOf(write, 0, 2))
  if (staged.kind === 'staged') await two.decide(staged.batch)
}

const check = async ({ store }: Machine): Promise<void> => {
  const offsets = Array.from({ length: TOTAL }, (_, offset) => offset)
  expect(await valuesBelow(store, TABLE)).toEqual(offsets.filter((offset) => offset % 3 !== 0))
  expect(await valuesBelow(store, `${STATE}/dead_letters` as StoragePath)).toEqual([0, 3])
  const report = await openTestLog(store).verify()
  expect(report.problems).toEqual([])
}

/** Makes a machine ready for a strike at `point`. */
const preparedFor = async (point: CrashPoint, machine: Machine): Promise<Machine> => {
  if (/recover|vacuum/.test(point)) await prepare(machine)
  return machine
}

const gate = (): readonly [() => void, Promise<void>] => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return [() => open(), opened]
}

/** A worker dies at the point, and another goes on: every row must be there once. */
export const dieAt = async (point: CrashPoint, empty: Machine): Promise<void> => {
  const machine = await preparedFor(point, empty)
  let struck = false
  const died = work(machine, async (name) => {
    if (name !== point || struck) return
    struck = true
    throw new Error('died')
  })
  await expect(died).rejects.toThrow('died')
  await work(machine)
  await check(machine)
}

/** A worker stands still at the point, is succeeded, and wakes: every row must be there once. */
export const sleepAt = async (point: CrashPoint, empty: Machine): Promise<void> => {
  const machine = await preparedFor(point, empty)
  const [reached, asleep] = gate()
  const [wake, awake] = gate()
  let struck = false
  const sleeper = work(machine, async (name) => {
    if (name !== point || struck) return
    struck = true
    reached()
    await awake
  })
  await asleep
  await work(machine)
  wake()
  await sleeper
  await openTestLog(machine.store).vacuum()
  await check(machine)
}
