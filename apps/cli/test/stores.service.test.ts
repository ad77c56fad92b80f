import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CrashPoint } from '@millrace/engine/protocol/index.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyTable, type RemoteStore, remoteStores } from './remote-stores.ts'
import { BOOKS_SQL, booksTruth, Project, processState, tableCounts } from './support.ts'

const SHAPE = { seed: 11, bad: 0.02, duplicates: 0.1 }
const TOPIC = ['--topic', 'book_data_topic', '--seed', '11', '--bad', '2%', '--duplicates', '10%', '--partitions', '2']
const [FIRST, MORE] = [80, 240]
const CHECKSUM = `SELECT count(*) AS n, sum(hash(record_id, title, author_name, publication_year, added, date)::HUGEINT) AS sum FROM raw_books`
const TEST_MS = 240_000

/** Struck on the real servers through the command line; the whole list is struck in the engine's own tests. */
const STRIKES: readonly (readonly [CrashPoint, 'kill' | 'throw' | 'pause'])[] = [
  ['after-first-stage', 'kill'],
  ['before-decide', 'kill'],
  ['after-decide', 'pause'],
  ['mid-publish', 'kill'],
  ['before-publish', 'throw'],
  ['after-publish-before-mark', 'pause'],
]

const topics = new Project()
const projects: Project[] = [topics]

/** Another machine, as it were: a folder of its own that has the topic and nothing else. */
const machine = (store: { readonly env: Readonly<Record<string, string>> }): Project => {
  const project = new Project(store.env)
  projects.push(project)
  cpSync(topics.path('.millrace/topics'), project.path('.millrace/topics'), { recursive: true })
  return project
}

const produce = (project: Project, count: number) => project.ok('produce', 'books', ...TOPIC, '--count', String(count))

const checksumOf = async (project: Project, lake: string): Promise<string> =>
  (await project.ok('query', CHECKSUM, '-f', BOOKS_SQL, '--set', `LAKE=${lake}`, '--format', 'csv')).trim()

beforeAll(() => produce(topics, FIRST))
afterAll(() => {
  for (const project of projects) project.remove()
})

describe.each(remoteStores)('a lake on $name', ({ available, start }) => {
  let store: RemoteStore
  beforeAll(async () => {
    if (available) store = await start()
  })
  afterAll(() => store?.stop())

  it.skipIf(!available)(
    'gets the rows that a lake on local disk gets, as a client of another make finds them',
    { timeout: TEST_MS },
    async () => {
      const [local, remote] = [machine({ env: {} }), machine(store)]
      const lakes = [local.path('lake'), store.lake('same')] as const
      await local.ok('run', BOOKS_SQL, '--once', '--set', `LAKE=${lakes[0]}`)
      await remote.ok('run', BOOKS_SQL, '--once', '--set', `LAKE=${lakes[1]}`)
      expect(await checksumOf(remote, lakes[1])).toBe(await checksumOf(local, lakes[0]))
      await remote.ok('verify', BOOKS_SQL, '--set', `LAKE=${lakes[1]}`)
      await copyTable(store, 'same', remote.path('copy'))
      const { rows, ids } = await tableCounts(remote.path('copy'))
      const truth = booksTruth(FIRST, SHAPE)
      expect(rows).toBe(truth.ids.size)
      expect(ids).toEqual(truth.ids)
    },
  )

  it.skipIf(!available)(
    'is looked at by every command, of which a query fetches only the partitions that it needs',
    { timeout: TEST_MS },
    async () => {
      const project = machine(store)
      const set = ['--set', `LAKE=${store.lake('looked-at')}`]
      await project.ok('run', BOOKS_SQL, '--once', ...set)
      const query = async (sql: string) =>
        (await project.ok('query', sql, '-f', BOOKS_SQL, ...set, '--format', 'csv')).trim()
      const fetched = () => project.files('.millrace/cache').filter((path) => path.endsWith('.parquet')).length
      const filter = "date = '2026-01-03' AND title IS NOT NULL"
      const some = Number((await query(`SELECT count(*) AS n FROM raw_books AS b WHERE ${filter}`)).split('\n')[1])
      const few = fetched()
      expect(few).toBeGreaterThan(0)
      const all = await query(`SELECT count(*) FILTER (${filter}) AS n, count(DISTINCT date) AS days FROM raw_books`)
      const days = Number(all.split(',').at(-1))
      expect(all.split('\n')[1]).toBe(`${some},${days}`)
      expect(few).toBe(fetched() / days)
      const full = await project.start(['query', CHECKSUM, '-f', BOOKS_SQL, ...set], {
        env: { MILLRACE_QUERY_CACHE_MAX: '1KB' },
      }).ended
      expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('ENG_CLI_CACHE_FULL')])

      const { bad } = booksTruth(FIRST, SHAPE)
      expect(await query("SELECT count(*) > 0 AS any FROM dead_letters('book_messages')")).toContain(String(bad > 0))
      expect(JSON.parse(await project.ok('status', BOOKS_SQL, ...set, '--format', 'json'))).toMatchObject({ lag: 0 })
      expect(await project.ok('batches', BOOKS_SQL, ...set, '--format', 'csv')).toContain('raw_books,1,')
      await project.ok('vacuum', BOOKS_SQL, ...set, '--yes')
      await project.ok('doctor', BOOKS_SQL, ...set)
    },
  )

  it.skipIf(!available)('is found broken, by name, when one object is gone', { timeout: TEST_MS }, async () => {
    const project = machine(store)
    const set = ['--set', `LAKE=${store.lake('broken')}`]
    await project.ok('run', BOOKS_SQL, '--once', ...set)
    const victim = (await store.list('broken')).find((path) => path.startsWith('raw/books/'))!
    await store.remove('broken', victim)
    const { code, stdout, stderr } = await project.run('verify', BOOKS_SQL, ...set)
    expect(code, stderr).toBe(1)
    expect(stdout + stderr).toContain(victim.slice('raw/'.length))
  })

  it.skipIf(!available)(
    'is gone on with by a machine that has nothing but the store, and refused to a second state',
    { timeout: TEST_MS },
    async () => {
      const set = ['--set', `LAKE=${store.lake('moved')}`]
      await machine(store).ok('run', BOOKS_SQL, '--once', ...set)
      const second = machine(store)
      await produce(second, MORE)
      const refused = await second.run('run', BOOKS_SQL, '--once', ...set, '--state', second.path('state'))
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ENG_PROTOCOL_OTHER_STATE')])
      await second.ok('run', BOOKS_SQL, '--once', ...set)
      await second.ok('verify', BOOKS_SQL, ...set)
      await copyTable(store, 'moved', second.path('copy'))
      expect((await tableCounts(second.path('copy'))).ids).toEqual(booksTruth(MORE, SHAPE).ids)
    },
  )

  it.skipIf(!available)('takes the state of tables that lie elsewhere', { timeout: TEST_MS }, async () => {
    const project = machine(store)
    const set = ['--set', `LAKE=${project.path('lake')}`, '--state', store.lake('state')]
    await project.ok('run', BOOKS_SQL, '--once', ...set)
    await project.ok('verify', BOOKS_SQL, ...set)
    expect((await tableCounts(project.path('lake'))).ids).toEqual(booksTruth(FIRST, SHAPE).ids)
    expect((await store.list('state')).some((path) => path.includes('/commits/'))).toBe(true)
  })

  it.skipIf(!available)('that cannot be used ends the run at once, with the reason', { timeout: TEST_MS }, async () => {
    const project = machine(store)
    for (const { why, lake, env, says } of await store.refused()) {
      const { ended } = project.start(['run', BOOKS_SQL, '--once', '--set', `LAKE=${lake}`], { env: { ...env } })
      const { code, stderr } = await ended
      expect(code, `${why}: ${stderr}`).toBe(1)
      expect(stderr, why).toMatch(/ENG_STORE_REFUSED/)
      expect(stderr, why).toMatch(says)
    }
  })

  it.skipIf(!available)('loses and doubles nothing when a run is struck', { timeout: TEST_MS }, async () => {
    const strike = async (point: CrashPoint, action: string): Promise<void> => {
      const project = machine(store)
      const lake = `struck-${point}-${action}`
      const args = ['run', BOOKS_SQL, '--once', '--set', `LAKE=${store.lake(lake)}`]
      const running = project.start(args, { env: { MILLRACE_CRASHPOINT: `${point}:${action}` } })
      if (action === 'pause') {
        while (!processState(running.child.pid!).startsWith('T')) await sleep(20)
        await project.ok(...args)
        running.child.kill('SIGCONT')
        expect([0, 3], lake).toContain((await running.ended).code)
      } else {
        const { code, signal } = await running.ended
        expect(action === 'kill' ? signal : code, lake).toBe(action === 'kill' ? 'SIGKILL' : 2)
        await project.ok(...args)
      }
      await project.ok('verify', BOOKS_SQL, '--set', `LAKE=${store.lake(lake)}`)
      await copyTable(store, lake, project.path('copy'))
      const { rows, ids } = await tableCounts(project.path('copy'))
      expect(rows, lake).toBe(booksTruth(FIRST, SHAPE).ids.size)
      expect(ids, lake).toEqual(booksTruth(FIRST, SHAPE).ids)
    }
    const left = [...STRIKES]
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await strike(...next)
    }
    await Promise.all([lane(), lane()])
  })
})
