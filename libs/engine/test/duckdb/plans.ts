import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { LIMITS, type Limits } from '../../src/core/limits.ts'
import { createSession } from '../../src/duckdb/session.ts'
import type { BatchInput, BatchOutput, Session } from '../../src/duckdb/session-port.ts'
import type { ConsumptionPlan, FaultRule, OutputPlan, StreamPlan } from '../../src/plan/consumption-plan.ts'
import type { Segment } from '../../src/runtime/segment.ts'

/** A stream of `columns` (name → type), cast as a plan would, with one fault per column that is not text. */
export const streamOf = (
  columns: Readonly<Record<string, string>>,
  more: Partial<StreamPlan> & { readonly action?: FaultRule['action'] } = {},
): StreamPlan => {
  const { action = 'dead_letter', ...rest } = more
  const name = rest.name ?? 's'
  const entries = Object.entries(columns)
  const faulty = entries.map(([column, type], i) => ({ column, type, i })).filter(({ type }) => type !== 'VARCHAR')
  const mask = faulty.map(
    ({ type, i }, bit) =>
      `CASE WHEN c${i} IS NOT NULL AND TRY_CAST(c${i} AS ${type}) IS NULL THEN ${1n << BigInt(bit)}::UBIGINT ELSE 0::UBIGINT END`,
  )
  const metadata = rest.metadata ?? []
  return {
    name,
    source: { kind: 'topiclog', topic: 'books', directory: 'log', start: 'earliest', onDataLoss: 'fail' },
    decode: {
      kind: 'json',
      row: '$',
      columns: entries.map(([column], index) => ({ index, name: column, path: `$.${column}`, level: 0 })),
      trim: false,
      emptyAsNull: false,
    },
    metadata,
    columns: entries.map(([column, type]) => ({ name: column, type })),
    typedSql: `SELECT __row, ${entries.map(([column, type], i) => `TRY_CAST(c${i} AS ${type}) AS "${column}"`).join(', ')}
      ${metadata.map((column) => `, ${column}`).join('')}
      ${faulty.length === 0 ? '' : `, ${mask.join(' | ')} AS __faults0`} FROM "__arena_${name}"`,
    faults: faulty.map(({ column, type, i }) => ({
      rule: 'ENG_DATA_CAST',
      column,
      arenaColumn: i,
      message: `is not a valid ${type}`,
      action,
    })),
    onError: 'dead_letter',
    ...rest,
  }
}

export const tableOf = (
  sql: string,
  columns: Readonly<Record<string, string>>,
  partitionBy: readonly string[] = [],
): OutputPlan => ({
  target: {
    kind: 'table',
    name: 't',
    location: 'lake/t',
    partitionBy,
    compression: 'snappy',
    targetFileBytes: 128 * 1024 * 1024,
    rowGroupRows: 122_880,
  },
  sql,
  columns: Object.entries(columns).map(([name, type]) => ({ name, type, storedType: type })),
})

export const planOf = (
  streams: readonly StreamPlan[],
  outputs: readonly OutputPlan[],
  more: Partial<Omit<ConsumptionPlan, 'limits'>> & { readonly limits?: Partial<Limits> } = {},
): ConsumptionPlan => ({
  pipeline: 'p',
  fingerprint: '00',
  streams,
  views: [],
  outputs,
  staticFiles: [],
  trigger: { kind: 'asap' },
  ...more,
  limits: { ...LIMITS, ...more.limits },
})

/** A session in a work folder of its own, with batches counted up. */
export class Bench {
  readonly work: string
  readonly session: Session
  #version = 0
  #plan: ConsumptionPlan

  constructor(plan: ConsumptionPlan, session: Session = createSession()) {
    this.work = mkdtempSync(join(tmpdir(), 'millrace-session-'))
    this.session = session
    this.#plan = plan
  }

  async open(): Promise<this> {
    await this.session.open(this.#plan, { work: this.work })
    return this
  }

  execute(segments: readonly Segment[], more: Partial<BatchInput> = {}): Promise<BatchOutput> {
    const version = String(++this.#version)
    return this.session.execute({
      version,
      batchTime_ms: 1_700_000_100_000,
      directory: join(this.work, `batch-${version}`),
      segments,
      watermarks_ms: {},
      snapshot: false,
      ...more,
    })
  }

  /** Closes the session; the folder stays until `remove`. */
  async close(): Promise<void> {
    await this.session.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove()
  }

  async remove(): Promise<void> {
    await this.session.close()
    rmSync(this.work, { recursive: true, force: true })
  }
}

/** Asks a fresh DuckDB, as a reader of the files would. Values are JSON-safe. */
export const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(`SET TimeZone = 'UTC'`)
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** SQL that reads these files as they are, without making columns of their folders. */
export const filesSql = (files: readonly { readonly path: string }[]): string =>
  `read_parquet([${files.map(({ path }) => `'${path.replaceAll("'", "''")}'`).join(', ')}], hive_partitioning = false)`
