import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CRASH_POINTS, type CrashPoint } from '@millrace/engine/protocol/index.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOOKS_SQL, booksTruth, type Ended, Project, processState, type Running, tableCounts } from './support.ts'

const SHAPE = { seed: 11, bad: 0.02, duplicates: 0.1 }
const COUNT = 240
const TOPIC = ['--topic', 'book_data_topic', '--seed', '11', '--bad', '2%', '--duplicates', '10%', '--partitions', '2']
const RUN = ['run', BOOKS_SQL, '--once']
const VACUUM = ['vacuum', BOOKS_SQL, '--yes']

/** What must be on disk for a worker to pass a point: nothing, a commit, one that is not published, or an orphan. */
const stageOf = (point: CrashPoint): 'empty' | 'committed' | 'unpublished' | 'orphan' => {
  if (/instance|owner/.test(point)) return 'empty'
  if (/recover-publish/.test(point)) return 'unpublished'
  return /vacuum/.test(point) ? 'orphan' : 'committed'
}

const stages = {
  empty: new Project(),
  committed: new Project(),
  unpublished: new Project(),
  orphan: new Project(),
}

const struck = (at: Project, point: CrashPoint, action: string): Promise<Ended> =>
  at.start(RUN, { env: { MILLRACE_CRASHPOINT: `${point}:${action}` } }).ended

beforeAll(async () => {
  const { empty, committed, unpublished, orphan } = stages
  // The second time the same seed sends the first messages again: all of them are repeats.
  await empty.ok('produce', 'books', ...TOPIC, '--count', '80')
  for (const stage of [committed, unpublished, orphan])
    cpSync(empty.path('.millrace'), stage.path('.millrace'), { recursive: true })
  await committed.ok(...RUN)
  expect((await struck(unpublished, 'before-publish', 'kill')).signal).toBe('SIGKILL')
  expect((await struck(orphan, 'before-decide', 'kill')).signal).toBe('SIGKILL')
  await orphan.ok(...RUN)
  for (const stage of Object.values(stages)) await stage.ok('produce', 'books', ...TOPIC, '--count', String(COUNT))
})
afterAll(() => {
  for (const stage of Object.values(stages)) stage.remove()
})

const standsStill = async ({ child, ended }: Running): Promise<void> => {
  let over = false
  void ended.then(() => {
    over = true
  })
  while (!processState(child.pid!).startsWith('T')) {
    if (over) throw new Error(`the point was not reached: ${(await ended).stderr}`)
    await sleep(20)
  }
}

const check = async (project: Project): Promise<void> => {
  const { code, stdout, stderr } = await project.run('verify', BOOKS_SQL)
  expect(code, stdout + stderr).toBe(0)
  const { rows, ids } = await tableCounts(project.path('.millrace/lake/raw/books'))
  const truth = booksTruth(COUNT, SHAPE)
  expect(rows).toBe(truth.ids.size)
  expect(ids).toEqual(truth.ids)
}

const strike = async (point: CrashPoint, action: 'kill' | 'throw' | 'pause'): Promise<void> => {
  const project = new Project()
  try {
    const stage = stageOf(point)
    cpSync(stages[stage].path('.millrace'), project.path('.millrace'), { recursive: true })
    const args = stage === 'orphan' ? VACUUM : RUN
    const running = project.start(args, { env: { MILLRACE_CRASHPOINT: `${point}:${action}` } })
    if (action === 'pause') {
      await standsStill(running)
      // The successor does all the work while the other one sleeps, then that one wakes and must do no harm.
      await project.ok(...args)
      running.child.kill('SIGCONT')
      const { code, stderr } = await running.ended
      expect([0, 3], stderr).toContain(code)
    } else {
      const { code, signal, stderr } = await running.ended
      expect(action === 'kill' ? signal : code, stderr).toBe(action === 'kill' ? 'SIGKILL' : 2)
      await project.ok(...args)
    }
    if (stage === 'orphan') await project.ok(...RUN)
    await check(project)
  } finally {
    project.remove()
  }
}

describe.each(CRASH_POINTS)('a run struck at %s', (point) => {
  it.concurrent('by kill -9 loses and doubles nothing', { timeout: 300_000 }, () => strike(point, 'kill'))
  it.concurrent('by an error loses and doubles nothing', { timeout: 300_000 }, () => strike(point, 'throw'))
  it.concurrent('by a pause in which a successor runs loses and doubles nothing', { timeout: 300_000 }, () =>
    strike(point, 'pause'),
  )
})
