import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocalStorage } from '@millrace/storage/local'
import { type StorageAdapter, StorageError, storagePath } from '@millrace/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSession } from '../../src/duckdb/session.ts'
import type { Session } from '../../src/duckdb/session-port.ts'
import type { ConsumptionPlan } from '../../src/plan/consumption-plan.ts'
import { openPipelineLog, stateRootOf } from '../../src/protocol/index.ts'
import { createFeed } from '../../src/runtime/feed/index.ts'
import { type PipelineParts, type RunOptions, runPipeline } from '../../src/runtime/pipeline.ts'
import type { ProgressEvent } from '../../src/runtime/progress.ts'
import { systemClock, systemRandom } from '../../src/runtime/system.ts'
import { openTopicLogWriter } from '../../src/sources/topiclog/index.ts'
import { planOf, streamOf, tableOf } from '../duckdb/plans.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pipeline-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const produce = (from: number, count: number, partitions = 2): void => {
  const writer = openTopicLogWriter(join(folder, 'topics'), 'books', { partitions })
  for (let i = from; i < from + count; i++) {
    const value = new TextEncoder().encode(JSON.stringify({ id: String(i), name: `name ${i}` }))
    writer.append(i % partitions, [{ key: null, value, timestamp_ms: 1_700_000_000_000 + i }])
  }
  writer.close()
}

const plan = (more: Parameters<typeof planOf>[2] = {}): ConsumptionPlan =>
  planOf(
    [
      streamOf(
        { id: 'BIGINT', name: 'VARCHAR' },
        {
          source: {
            kind: 'topiclog',
            topic: 'books',
            directory: join(folder, 'topics'),
            start: 'earliest',
            onDataLoss: 'fail',
          },
          dedup: { columns: ['id'], within_ms: 86_400_000 },
        },
      ),
    ],
    [tableOf('SELECT id, name FROM s', { id: 'BIGINT', name: 'VARCHAR' })],
    more,
  )

interface Case {
  readonly events: ProgressEvent[]
  readonly parts: PipelineParts
}

const prepare = (
  more: Partial<PipelineParts> = {},
  wrap: (store: StorageAdapter) => StorageAdapter = (store) => store,
): Case => {
  const events: ProgressEvent[] = []
  const store = wrap(openLocalStorage({ root: folder }))
  const root = storagePath('t')
  const used = more.plan ?? plan()
  const stateRoot = stateRootOf(root, used.pipeline)
  return {
    events,
    parts: {
      plan: used,
      openLog: ({ onTrouble, signal }) =>
        openPipelineLog({
          pipeline: used.pipeline,
          state: store,
          stateRoot,
          targets: new Map([['t', { store, root }]]),
          clock: systemClock,
          random: systemRandom,
          logger: { log: () => {} },
          retry: { delay_ms_min: 5, delay_ms_max: 20 },
          onTrouble,
          signal,
        }),
      createFeed: (feedEvents) => createFeed(feedEvents),
      createSession,
      clock: systemClock,
      random: systemRandom,
      crashpoint: async () => {},
      workRoot: join(folder, stateRoot),
      report: (event) => events.push(event),
      ...more,
    },
  }
}

const never = new AbortController().signal
const once: RunOptions = { once: true, drain: never }

const parquetFiles = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.startsWith('t/') && name.endsWith('.parquet'),
  )

const rowsOf = (events: readonly ProgressEvent[]): number =>
  events.reduce((sum, event) => sum + (event.kind === 'batch' ? event.rows : 0), 0)

describe('runPipeline', () => {
  it('commits every message once and leaves no temporary file', async () => {
    produce(0, 500)
    const { parts, events } = prepare()
    const summary = await runPipeline(parts, once)
    expect(summary).toMatchObject({ reason: 'done' })
    expect(rowsOf(events)).toBe(500)
    expect(readdirSync(parts.workRoot).filter((name) => name.startsWith('work-'))).toEqual([])
  })

  it('writes nothing when there is nothing new, and only what is new otherwise', async () => {
    produce(0, 100)
    const first = prepare()
    await runPipeline(first.parts, once)
    const files = parquetFiles()
    const second = prepare()
    expect(await runPipeline(second.parts, once)).toMatchObject({ reason: 'done', version: 1 })
    expect(parquetFiles()).toEqual(files)
    produce(50, 100)
    const third = prepare()
    await runPipeline(third.parts, once)
    expect(rowsOf(third.events)).toBe(50)
  })

  it('overlaps batches and keeps their order and number', async () => {
    for (let i = 0; i < 6; i++) produce(i * 200, 200)
    const small = plan({ limits: { batch_bytes_max: 64 * 1024, batch_rows_max: 1_000 } })
    const { parts, events } = prepare({ plan: small })
    expect(await runPipeline(parts, once)).toMatchObject({ reason: 'done' })
    const versions = events.flatMap((event) => (event.kind === 'batch' ? [event.version] : []))
    expect(versions.length).toBeGreaterThan(1)
    expect(versions).toEqual(versions.map((_, i) => i + 1))
    expect(rowsOf(events)).toBe(1_200)
  })

  it('drains: the batch in hand is committed, and the run ends as drained', async () => {
    produce(0, 300)
    const drain = new AbortController()
    const { parts, events } = prepare()
    const report = (event: ProgressEvent) => {
      events.push(event)
      if (event.kind === 'batch') drain.abort()
    }
    const summary = await runPipeline({ ...parts, report }, { once: false, drain: drain.signal })
    expect(summary).toMatchObject({ reason: 'drained', version: 1 })
    expect(rowsOf(events)).toBe(300)
  })

  it('EVERY: one batch per tick however often messages come, and a drain while it waits ends it', async () => {
    produce(0, 50)
    const drain = new AbortController()
    const { parts, events } = prepare({ plan: plan({ trigger: { kind: 'every', interval_ms: 700 } }) })
    const running = runPipeline(parts, { once: false, drain: drain.signal })
    const batches = () => events.filter((event) => event.kind === 'batch').length
    const until = async (count: number) => {
      while (batches() < count) await systemClock.sleep(10)
    }
    await until(1)
    for (let i = 1; i <= 5; i++) produce(i * 50, 50)
    await until(2)
    const began_ms = systemClock.monotonic_ms()
    drain.abort()
    expect(await running).toMatchObject({ reason: 'drained' })
    expect(systemClock.monotonic_ms() - began_ms).toBeLessThan(600)
    expect(rowsOf(events)).toBe(300)
    expect(batches()).toBeLessThanOrEqual(4)
  })

  it('a drain before anything was read stops at once', async () => {
    produce(0, 10)
    const drain = new AbortController()
    drain.abort()
    const { parts } = prepare()
    expect(await runPipeline(parts, { once: false, drain: drain.signal })).toMatchObject({ reason: 'drained' })
  })

  it('a worker that was overtaken stops with exit 3 and the table has every row once', async () => {
    produce(0, 100)
    const successor = prepare()
    let overtaken = false
    const slow = prepare({
      crashpoint: async (point) => {
        if (point !== 'after-execute' || overtaken) return
        overtaken = true
        expect(await runPipeline(successor.parts, once)).toMatchObject({ reason: 'done', version: 1 })
      },
    })
    const summary = await runPipeline(slow.parts, once)
    expect(summary.reason).toBe('fenced')
    expect(summary.error?.exitCode).toBe(3)
    expect(rowsOf(slow.events) + rowsOf(successor.events)).toBe(100)
  })

  it('a session that dies is made anew and nothing is lost or doubled', async () => {
    produce(0, 100)
    let lives = 0
    const { parts, events } = prepare({
      createSession: (): Session => {
        const session = createSession()
        if (++lives > 1) return session
        return {
          open: (...args) => session.open(...args),
          restore: (...args) => session.restore(...args),
          close: () => session.close(),
          execute: async () => {
            const { MillraceError } = await import('../../src/core/errors/index.ts')
            throw new MillraceError('ENG_DUCKDB_WORKER_LOST', 'the DuckDB worker died')
          },
        }
      },
    })
    expect(await runPipeline(parts, once)).toMatchObject({ reason: 'done', version: 1 })
    expect(lives).toBe(2)
    expect(rowsOf(events)).toBe(100)
    expect(events.some((event) => event.kind === 'trouble' && event.message?.includes('WORKER_LOST'))).toBe(true)
  })

  it('waits while the store is full, says so, and goes on by itself', async () => {
    produce(0, 100)
    let refusals = 4
    const { parts, events } = prepare({}, (store) => ({
      ...bound(store),
      stage: async (...args) => {
        if (refusals-- > 0) throw new StorageError('no_space', args[1], 'No space left on device')
        return store.stage(...args)
      },
    }))
    expect(await runPipeline(parts, once)).toMatchObject({ reason: 'done' })
    expect(rowsOf(events)).toBe(100)
    expect(events.some((event) => event.kind === 'trouble' && /space/i.test(event.message ?? ''))).toBe(true)
  })

  it('gives up with a coded error when the store stays away for longer than was asked', async () => {
    produce(0, 10)
    const { parts } = prepare({}, (store) => ({
      ...bound(store),
      stage: (...args) => Promise.reject(new StorageError('unavailable', args[1], 'The store is down')),
    }))
    const summary = await runPipeline(parts, { ...once, giveUpAfter_ms: 200 })
    expect(summary.error?.code).toBe('ENG_RUN_GAVE_UP')
    expect(summary.error?.exitCode).toBe(1)
    expect(parquetFiles()).toEqual([])
  })

  it('an error of the user’s SQL stops the run with that error and commits nothing of its batch', async () => {
    produce(0, 10)
    const failing = plan()
    const output = { ...failing.outputs[0]!, sql: 'SELECT CAST(name AS INTEGER) AS id, name FROM s' }
    const { parts } = prepare({ plan: { ...failing, outputs: [output] } })
    const summary = await runPipeline(parts, once)
    expect(summary).toMatchObject({ reason: 'failed', version: 0 })
    expect(summary.error?.code).toBe('ENG_DUCKDB_QUERY')
    expect(parquetFiles()).toEqual([])
  })

  it('refuses a file that no longer reads the topic of its commits', async () => {
    produce(0, 10)
    await runPipeline(prepare().parts, once)
    const other = plan()
    const stream = other.streams[0]!
    const moved = { ...other, streams: [{ ...stream, source: { ...stream.source, topic: 'others' } }] }
    const summary = await runPipeline(prepare({ plan: moved }).parts, once)
    expect(summary.error?.code).toBe('ENG_RUN_SOURCE_CHANGED')
  })

  it('refuses a table that is to be partitioned by other columns than its files are', async () => {
    produce(0, 10)
    await runPipeline(prepare().parts, once)
    const before = plan()
    const outputs = [tableOf('SELECT id, name FROM s', { id: 'BIGINT', name: 'VARCHAR' }, ['name'])]
    produce(10, 10)
    const summary = await runPipeline(prepare({ plan: { ...before, outputs } }).parts, once)
    expect(summary).toMatchObject({ reason: 'failed' })
    expect(summary.error?.code).toBe('ENG_RUN_PARTITIONS_CHANGED')
  })

  describe('with a table that has files', () => {
    const changed = (select: string, columns: Record<string, string>, partitionBy: string[] = []) => {
      const parts = { ...plan(), outputs: [tableOf(select, columns, partitionBy)] }
      return runPipeline(prepare({ plan: parts }).parts, once)
    }
    beforeEach(async () => {
      produce(0, 10)
      expect(await runPipeline(prepare().parts, once)).toMatchObject({ reason: 'done', version: 1 })
      // A batch of repeats only: its commit has no file, and must not make the table's shape be forgotten.
      produce(0, 10)
      expect(await runPipeline(prepare().parts, once)).toMatchObject({ reason: 'done', version: 2 })
      produce(10, 10)
    })

    it('refuses another stored type of a column, naming it and both types', async () => {
      const summary = await changed('SELECT id::INTEGER AS id, name FROM s', { id: 'INTEGER', name: 'VARCHAR' })
      expect(summary).toMatchObject({ reason: 'failed', version: 2, error: { code: 'ENG_RUN_COLUMNS_CHANGED' } })
      expect(summary.error?.message).toContain('column id is BIGINT, and the file makes it INTEGER')
    })

    it('refuses that a column goes', async () => {
      const summary = await changed('SELECT id FROM s', { id: 'BIGINT' })
      expect(summary.error?.code).toBe('ENG_RUN_COLUMNS_CHANGED')
      expect(summary.error?.message).toContain('column name is VARCHAR, and the file has none of that name')
    })

    it('takes a new column, in any place, and from then on keeps that too', async () => {
      const columns = { extra: 'VARCHAR', id: 'BIGINT', name: 'VARCHAR' }
      const more = await changed('SELECT name AS extra, id, name FROM s', columns)
      expect(more).toMatchObject({ reason: 'done', version: 3 })
      const less = await changed('SELECT id, name FROM s', { id: 'BIGINT', name: 'VARCHAR' })
      expect(less.error?.message).toContain('column extra')
    })

    it('refuses other partitions, though the newest commit has no file', async () => {
      const summary = await changed('SELECT id, name FROM s', { id: 'BIGINT', name: 'VARCHAR' }, ['name'])
      expect(summary.error?.code).toBe('ENG_RUN_PARTITIONS_CHANGED')
    })
  })

  it('restores dedup state from storage alone, through snapshots', async () => {
    const keeps = { limits: { dedup_snapshot_versions_max: 3 } }
    let rows = 0
    for (let i = 0; i < 8; i++) {
      produce(i * 10, 20)
      const { parts, events } = prepare({ plan: plan(keeps) })
      await runPipeline(parts, once)
      rows += rowsOf(events)
    }
    expect(rows).toBe(90)
  })
})

/** The adapter's methods, so that one of them can be replaced. */
const bound = (store: StorageAdapter): StorageAdapter => ({
  scheme: store.scheme,
  location: store.location,
  probe: (...args) => store.probe(...args),
  head: (...args) => store.head(...args),
  read: (...args) => store.read(...args),
  download: (...args) => store.download(...args),
  list: (...args) => store.list(...args),
  createIfAbsent: (...args) => store.createIfAbsent(...args),
  stage: (...args) => store.stage(...args),
  publish: (...args) => store.publish(...args),
  discard: (...args) => store.discard(...args),
  listStaged: (...args) => store.listStaged(...args),
  remove: (...args) => store.remove(...args),
  close: () => store.close(),
})
