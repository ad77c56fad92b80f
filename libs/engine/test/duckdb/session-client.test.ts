import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createSessionWorker } from '../../src/duckdb/session-client.ts'
import { ask, Bench, filesSql, planOf, streamOf, tableOf } from './plans.ts'
import { segmentOf } from './segments.ts'

/** The application bundles the worker; here a worker thread reads its TypeScript, which Node 20 must be taught to. */
const tsx = join(dirname(createRequire(import.meta.url).resolve('tsx/package.json')), 'dist/esm/api/index.mjs')
const worker = new URL('../../src/duckdb/session-worker.ts', import.meta.url)
const url = new URL(
  `data:text/javascript,import { register } from '${pathToFileURL(tsx)}'; register(); await import('${worker}')`,
)
const plan = planOf([streamOf({ id: 'INTEGER' })], [tableOf('FROM s', { id: 'INTEGER' })])

describe('a session in a worker', () => {
  it('answers as a session does, over shared memory', async () => {
    const bench = await new Bench(plan, createSessionWorker(url)).open()
    const output = await bench.execute([segmentOf({ messages: [{ rows: [['1'], ['x']] }] }, 1)])
    expect(output.streams['s']).toMatchObject({ rows: 2, deadLetters: 1 })
    expect(await ask(`FROM ${filesSql(output.tables)}`)).toEqual([[1]])
    await bench.remove()
  })

  it('brings errors over with code, place and hint', async () => {
    const strict = planOf([streamOf({ id: 'INTEGER' }, { action: 'fail' })], [])
    const bench = await new Bench(strict, createSessionWorker(url)).open()
    await expect(bench.execute([segmentOf({ start: 5, messages: [{ rows: [['x']] }] }, 1)])).rejects.toMatchObject({
      name: 'MillraceError',
      code: 'ENG_DATA_CAST',
      place: { topic: 'books', partition: 0, offset: 5n },
      hint: expect.stringContaining('FAIL'),
    })
    await bench.remove()
  })

  it('answers calls in their order', async () => {
    const bench = new Bench(plan, createSessionWorker(url))
    const calls = [bench.open(), bench.execute([]), bench.execute([])]
    const order: number[] = []
    await Promise.all(calls.map((call, i) => call.then(() => order.push(i))))
    expect(order).toEqual([0, 1, 2])
    await bench.remove()
  })

  it('rejects what waits and what comes after when the worker dies', async () => {
    const dying = new URL('data:text/javascript,setTimeout(() => process.exit(7), 50)')
    const bench = new Bench(plan, createSessionWorker(dying))
    await expect(bench.open()).rejects.toMatchObject({
      code: 'ENG_DUCKDB_WORKER_LOST',
      message: expect.stringContaining('7'),
    })
    await expect(bench.execute([])).rejects.toMatchObject({ code: 'ENG_DUCKDB_WORKER_LOST' })
    await bench.close()
    rmSync(bench.work, { recursive: true, force: true })
  })

  it('rejects with the reason when the worker throws', async () => {
    const throwing = new URL(`data:text/javascript,setTimeout(() => { throw new Error('boom') }, 50)`)
    const bench = new Bench(plan, createSessionWorker(throwing))
    await expect(bench.open()).rejects.toMatchObject({
      code: 'ENG_DUCKDB_WORKER_LOST',
      message: expect.stringContaining('boom'),
    })
    await bench.remove()
  })
})
