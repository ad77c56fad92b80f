import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { StoragePath } from '@millrace/storage'
import { describe, expect, it } from 'vitest'
import { CRASH_POINTS, type CrashPoint, type Crashpoint, crashpointFromEnv } from '../../src/protocol/index.ts'
import { localMachine, type Machine } from './machines.ts'
import { draftOf, endOf, openTestLog, STATE, TABLE, valuesBelow } from './support.ts'

const TOTAL = 6

/** Those of the batch loop are struck by the tests of the runtime. */
const ours = CRASH_POINTS.filter((name) => !/execute|ack/.test(name))

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

const machineFor = async (point: CrashPoint): Promise<Machine> => {
  const machine = localMachine()
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

describe.each(ours)('crash point %s', (point) => {
  it('leaves every row exactly once after a worker died there and another went on', async () => {
    const machine = await machineFor(point)
    let struck = false
    const died = work(machine, async (name) => {
      if (name !== point || struck) return
      struck = true
      throw new Error('died')
    })
    await expect(died).rejects.toThrow('died')
    await work(machine)
    await check(machine)
  })

  it('leaves every row exactly once when a worker stands still there, is succeeded, and wakes', async () => {
    const machine = await machineFor(point)
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
  })
})

describe('crashpointFromEnv', () => {
  it('does nothing unless told to, and refuses what it does not know', async () => {
    await crashpointFromEnv({})('after-decide')
    for (const text of ['nowhere', 'after-decide:0x', 'after-decide:kill:throw', 'after-decide:1:2'])
      expect(() => crashpointFromEnv({ MILLRACE_CRASHPOINT: text }), text).toThrow(/is not name/)
  })

  it('throws at the nth passage, once', async () => {
    const crashpoint = crashpointFromEnv({ MILLRACE_CRASHPOINT: 'after-decide:2:throw' })
    await crashpoint('after-decide')
    await crashpoint('before-decide')
    await expect(crashpoint('after-decide')).rejects.toThrow('after-decide')
    await crashpoint('after-decide')
  })

  it('kills and pauses its own process', async () => {
    const module = new URL('../../src/protocol/crash-points.ts', import.meta.url).href
    const program = `const { crashpointFromEnv } = await import(${JSON.stringify(module)})
      await crashpointFromEnv(process.env)('after-mark')
      console.log('went on')`
    const run = (action: string) =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        env: { ...process.env, MILLRACE_CRASHPOINT: `after-mark:${action}` },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    const killed = run('kill')
    expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL'])

    const paused = run('pause')
    let output = ''
    paused.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const exited = once(paused, 'exit')
    const goOn = setInterval(() => paused.kill('SIGCONT'), 200)
    expect(await exited).toEqual([0, null])
    clearInterval(goOn)
    expect(output).toBe('went on\n')
  })
})
