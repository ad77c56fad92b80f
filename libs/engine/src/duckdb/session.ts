import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { assert, MillraceError } from '../core/errors/index.ts'
import { BATCH_TIME_VARIABLE, type ConsumptionPlan, type StreamPlan } from '../plan/consumption-plan.ts'
import { ArenaRelation, arenaColumns } from './arena-function.ts'
import { BatchBuckets, BUCKET_COLUMNS } from './buckets.ts'
import { Database } from './database.ts'
import { DEAD_LETTER_COLUMNS, DeadLetterRelation } from './dead-letters.ts'
import { Dedup } from './dedup.ts'
import { lockDown, SESSION_THREADS } from './lockdown.ts'
import { queryError } from './query-errors.ts'
import { judge, type Verdict } from './rejects.ts'
import { EMPTY_RELATION, type Relation } from './relation.ts'
import { type SegmentView, viewSegments } from './segment-view.ts'
import type {
  BatchInput,
  BatchOutput,
  Session,
  StateFile,
  StreamCounts,
  TableFile,
  WrittenFile,
} from './session-port.ts'
import { showRows } from './shown-rows.ts'
import { quoteName, quoteText } from './sql-text.ts'
import { defineStream, emptyStream, fillTyped, readFaults, relationsOf } from './typed-stage.ts'
import { writeTable } from './write-tables.ts'
import { describeFile } from './written-file.ts'

/**
 * A session in this thread. Use `createSessionWorker` in the application: arenas are served by the event loop.
 *
 * All paths that it is given later, a batch's directory and state files to restore, must lie in the work folder: DuckDB
 * is locked into it. A file is closed but not fsynced when it is handed over. A batch that fails leaves the dedup state
 * as it was and may be run again; when it fails while the state moves, every further call fails with
 * ENG_DUCKDB_STATE_LOST and the session must be built anew.
 */
export const createSession = (): Session => new DuckdbSession()

/** One stream at work: what the table functions serve at the moment, and its dedup state. */
interface StreamWork {
  readonly plan: StreamPlan
  readonly index: number
  arena: Relation
  letters: Relation
  buckets: Relation
  dedup: Dedup | undefined
}

interface StreamBatch {
  readonly work: StreamWork
  readonly views: readonly SegmentView[]
  readonly verdict: Verdict
}

type Phase = 'fill' | 'typed' | 'rejects' | 'dedup' | 'outputs' | 'hash'

class Phases {
  readonly spent: Record<Phase, number> = { fill: 0, typed: 0, rejects: 0, dedup: 0, outputs: 0, hash: 0 }

  async time<T>(phase: Phase, work: () => Promise<T> | T): Promise<T> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.spent[phase] += performance.now() - start
    }
  }
}

const folder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true })
  } catch (thrown) {
    throw queryError(thrown, `making the folder ${path}`)
  }
  return path
}

class DuckdbSession implements Session {
  #open: { readonly plan: ConsumptionPlan; readonly database: Database; readonly streams: StreamWork[] } | undefined

  /** The dedup state was left half moved by an error. */
  #broken = false

  async open(plan: ConsumptionPlan, folders: { readonly work: string }): Promise<void> {
    assert(this.#open === undefined, 'a session is opened once')
    const work = folder(resolve(folders.work))
    const database = await Database.open()
    try {
      const streams = plan.streams.map(
        (stream, index): StreamWork => ({
          plan: stream,
          index,
          arena: EMPTY_RELATION,
          letters: EMPTY_RELATION,
          buckets: EMPTY_RELATION,
          dedup: undefined,
        }),
      )
      await lockDown(database, plan.limits, { work, staticFiles: plan.staticFiles })
      for (const work of streams) register(database, work)
      await setBatchTime(database, 0)
      for (const work of streams) {
        await database.run(
          `CREATE TEMP VIEW ${relationsOf(work.plan.name).arena} AS FROM millrace_arena_${work.index}()`,
          'preparing the arena',
        )
        await defineStream(database, work.plan)
        if (work.plan.dedup !== undefined) {
          work.dedup = await Dedup.create(database, work.plan, `millrace_buckets_${work.index}`)
        }
      }
      for (const view of plan.views) {
        await database.run(`CREATE TEMP VIEW ${quoteName(view.name)} AS ${view.sql}`, `preparing ${view.name}`)
      }
      this.#open = { plan, database, streams }
    } catch (thrown) {
      database.close()
      throw thrown
    }
  }

  async restore(files: Parameters<Session['restore']>[0]): Promise<void> {
    const { streams } = this.#opened()
    for (const { path, file } of files) {
      const dedup = streams.find((work) => work.plan.name === file.stream)?.dedup
      if (dedup === undefined) {
        const message = `the state names stream ${file.stream}, which the plan does not deduplicate`
        throw new MillraceError('ENG_DUCKDB_QUERY', message, { path })
      }
      await dedup.load(path, file)
    }
  }

  async execute(given: BatchInput): Promise<BatchOutput> {
    const { database } = this.#opened()
    const input = { ...given, directory: folder(resolve(given.directory)) }
    await setBatchTime(database, input.batchTime_ms)
    let output: BatchOutput
    try {
      output = await this.#run(input)
    } catch (thrown) {
      await this.#tidy().catch(() => undefined)
      throw thrown
    }
    // The state has moved: from here on an error must not look like one after which the batch can be run again.
    this.#broken = true
    await this.#tidy()
    this.#broken = false
    return output
  }

  async close(): Promise<void> {
    this.#open?.database.close()
    this.#open = undefined
  }

  #opened() {
    assert(this.#open !== undefined, 'the session is not open')
    if (this.#broken) {
      throw new MillraceError(
        'ENG_DUCKDB_STATE_LOST',
        'the deduplication state was left half moved by an earlier error',
      )
    }
    return this.#open
  }

  async #run(input: BatchInput): Promise<BatchOutput> {
    const phases = new Phases()
    const batches: StreamBatch[] = []
    for (const work of this.#opened().streams) batches.push(await this.#read(work, input, phases))
    const repeats = new Map<StreamWork, number>()
    for (const { work } of batches) {
      const { dedup } = work
      if (dedup !== undefined) repeats.set(work, await phases.time('dedup', () => dedup.findRepeats()))
    }
    const deadLetters: WrittenFile[] = []
    for (const batch of batches) {
      const file = await phases.time('rejects', () => this.#writeDeadLetters(batch, input))
      if (file !== undefined) deadLetters.push(await phases.time('hash', () => describeFile(file.path, file.rows)))
    }
    const outputs = await this.#writeOutputs(input, phases)
    // Last, so that a batch that failed before can be run again.
    const state = await phases.time('dedup', () => this.#advance(batches, input))
    return {
      ...outputs,
      ...state,
      deadLetters,
      streams: Object.fromEntries(
        batches.map((batch) => [batch.work.plan.name, countsOf(batch, repeats.get(batch.work) ?? 0)]),
      ),
      phases_ms: phases.spent,
    }
  }

  /** Contract steps 1 and 2, and the decisions of step 3. */
  async #read(work: StreamWork, input: BatchInput, phases: Phases): Promise<StreamBatch> {
    const { database } = this.#opened()
    const views = viewSegments(input.segments.filter((segment) => segment.stream === work.index))
    const arena = new ArenaRelation(views, work.plan.decode.columns.length)
    work.arena = arena
    await phases.time('typed', () => fillTyped(database, work.plan))
    phases.spent.fill += arena.fill_ms
    const verdict = await phases.time('rejects', async () =>
      judge(work.plan, views, await readFaults(database, work.plan)),
    )
    return { work, views, verdict }
  }

  async #writeDeadLetters(
    { work, verdict }: StreamBatch,
    input: BatchInput,
  ): Promise<{ readonly path: string; readonly rows: number } | undefined> {
    const rows = verdict.deadLetters.length
    if (rows === 0) return undefined
    const path = `${folder(`${input.directory}/dead-letters`)}/${work.index}.parquet`
    work.letters = new DeadLetterRelation(work.plan, verdict.deadLetters)
    await this.#opened().database.run(
      `COPY (SELECT ${quoteText(work.plan.name)} AS stream, *, ${BigInt(input.version)}::BIGINT AS batch,
               getvariable('${BATCH_TIME_VARIABLE}') AS rejected_at
             FROM millrace_dead_letters_${work.index}())
       TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`,
      `writing the dead letters of stream ${work.plan.name}`,
    )
    return { path, rows }
  }

  /** Contract step 5. */
  async #writeOutputs(
    input: BatchInput,
    phases: Phases,
  ): Promise<Pick<BatchOutput, 'tables' | 'rowsWritten' | 'shown'>> {
    const { plan, database } = this.#opened()
    const tables: TableFile[] = []
    const rowsWritten: number[] = []
    const shown: BatchOutput['shown'][number][] = []
    for (const [index, output] of plan.outputs.entries()) {
      const { target } = output
      if (target.kind !== 'table') {
        const result = await phases.time('outputs', () => showRows(database, output, index))
        rowsWritten.push(result.rows)
        shown.push(result.shown)
        continue
      }
      const directory = folder(`${input.directory}/output-${index}`)
      const files = await phases.time('outputs', () =>
        writeTable(database, { output: { ...output, target }, directory, limits: plan.limits }),
      )
      for (const { path, rows, partition } of files) {
        const file = await phases.time('hash', () => describeFile(path, rows))
        tables.push({ ...file, output: index, partition })
      }
      rowsWritten.push(files.reduce((sum, file) => sum + file.rows, 0))
    }
    return { tables, rowsWritten, shown }
  }

  /** Files first, memory last: until all files are written, a batch that fails can be run again. */
  async #advance(
    batches: readonly StreamBatch[],
    input: BatchInput,
  ): Promise<Pick<BatchOutput, 'state' | 'droppedBuckets'>> {
    const state: StateFile[] = []
    const droppedBuckets: string[] = []
    const moves: (() => Promise<void>)[] = []
    for (const { work, views } of batches) {
      const { dedup, plan } = work
      if (dedup === undefined || plan.dedup === undefined) continue
      const watermark_ms = input.watermarks_ms[plan.name]
      const clock = { within_ms: plan.dedup.within_ms, watermark_ms, batchTime_ms: input.batchTime_ms }
      const buckets = new BatchBuckets(views, clock)
      work.buckets = buckets.relation(views)
      const directory = folder(`${input.directory}/state-${work.index}`)
      state.push(...(await dedup.writeDeltas(buckets, directory)))
      moves.push(async () => {
        await dedup.advance(buckets)
        droppedBuckets.push(...(await dedup.expire(watermark_ms)))
        if (input.snapshot) state.push(...(await dedup.snapshot(directory)))
      })
    }
    this.#broken = moves.length > 0
    for (const move of moves) await move()
    this.#broken = false
    return { state, droppedBuckets }
  }

  /** Lets go of the batch's segments, which are lent, and of its tables. */
  async #tidy(): Promise<void> {
    if (this.#open === undefined) return
    const { database, streams } = this.#open
    for (const work of streams) {
      work.arena = EMPTY_RELATION
      work.letters = EMPTY_RELATION
      work.buckets = EMPTY_RELATION
      await emptyStream(database, work.plan)
      await work.dedup?.release()
    }
  }
}

const register = (database: Database, work: StreamWork): void => {
  database.register(`millrace_arena_${work.index}`, arenaColumns(work.plan), () => work.arena, SESSION_THREADS)
  database.register(`millrace_dead_letters_${work.index}`, DEAD_LETTER_COLUMNS, () => work.letters, 1)
  database.register(`millrace_buckets_${work.index}`, BUCKET_COLUMNS, () => work.buckets, SESSION_THREADS)
}

const setBatchTime = (database: Database, batchTime_ms: number): Promise<void> =>
  database.run(
    `SET VARIABLE ${BATCH_TIME_VARIABLE} = make_timestamptz(${Math.round(batchTime_ms * 1000)}::BIGINT)`,
    'setting the time of the batch',
  )

const countsOf = ({ views, verdict }: StreamBatch, repeats: number): StreamCounts => ({
  messages: views.reduce((sum, { segment }) => sum + segment.messages, 0),
  rows: views.reduce((sum, { segment }) => sum + segment.rows, 0),
  deadLetters: verdict.deadLetters.length,
  dropped: verdict.dropped,
  repeats,
  warned: verdict.warned,
  byRule: verdict.byRule,
})
