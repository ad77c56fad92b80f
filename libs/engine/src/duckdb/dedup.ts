import { rmSync } from 'node:fs'
import type { StreamPlan } from '../plan/consumption-plan.ts'
import { type BatchBuckets, type Bucket, isExpired } from './buckets.ts'
import type { Database } from './database.ts'
import type { StateFile } from './session-port.ts'
import { quoteName, quoteText } from './sql-text.ts'
import {
  asStateColumns,
  fromFileColumns,
  type KeyColumn,
  stateColumn,
  stateColumns,
  toFileColumns,
} from './state-files.ts'
import { relationsOf } from './typed-stage.ts'
import { describeFile } from './written-file.ts'

interface StateTable extends Bucket {
  readonly table: string
  rows: number
}

/**
 * The keys that one stream has seen: one append-only table per time bucket, dropped whole. Nothing is ever updated,
 * deleted or indexed, because DuckDB does not give the memory of that back. The tables live in DuckDB's buffer pool and
 * go to its temporary folder when they pass the memory limit.
 */
export class Dedup {
  readonly #database: Database
  readonly #stream: StreamPlan
  readonly #keys: readonly KeyColumn[]
  readonly #within_ms: number
  /** Table function that gives each row's bucket. */
  readonly #bucketFunction: string
  readonly #tables = new Map<number, StateTable>()

  private constructor(database: Database, stream: StreamPlan, keys: readonly KeyColumn[], bucketFunction: string) {
    this.#database = database
    this.#stream = stream
    this.#keys = keys
    this.#within_ms = stream.dedup!.within_ms
    this.#bucketFunction = bucketFunction
  }

  /** Call when the stream's typed table exists: it knows the keys' types. */
  static async create(database: Database, stream: StreamPlan, bucketFunction: string): Promise<Dedup> {
    const described = await database.rows(`DESCRIBE ${relationsOf(stream.name).typed}`, 'preparing deduplication')
    const types = new Map(described.map(([name, type]) => [String(name), String(type)]))
    const keys = stream.dedup!.columns.map((name) => ({ name, type: types.get(name) ?? 'VARCHAR' }))
    return new Dedup(database, stream, keys, bucketFunction)
  }

  /** Loads a state file. A snapshot takes the place of what its bucket held; a delta adds to it. */
  async load(path: string, file: { readonly kind: 'delta' | 'snapshot' } & BucketRange): Promise<void> {
    const bucket = { start_ms: file.bucket_start_ms, end_ms: file.bucket_end_ms }
    if (file.kind === 'snapshot') await this.#drop(bucket.start_ms)
    const state = await this.#table(bucket)
    const from = `read_parquet(${quoteText(path)}, hive_partitioning = false)`
    state.rows += await this.#insert(state, `SELECT ${fromFileColumns(this.#keys)} FROM ${from}`)
  }

  /**
   * Finds the batch's repeats: leaves the rows to be left out in `__repeats_<stream>` and the keys that are new, with
   * the row that brought them, in `__novel_<stream>`. The first row of a key stays. Answers the number of repeats.
   */
  async findRepeats(): Promise<number> {
    const { rows, fresh, novel, repeats } = relationsOf(this.#stream.name)
    const run = (sql: string) => this.#database.run(sql, `deduplicating stream ${this.#stream.name}`)
    const keys = stateColumns(this.#keys)
    const present = this.#keys.map(({ name }) => `${quoteName(name)} IS NOT NULL`).join(' AND ')
    await run(
      `CREATE OR REPLACE TEMP TABLE ${fresh} AS SELECT min(__row) AS __row, count(*) AS copies, ${keys}
       FROM (SELECT __row, ${asStateColumns(this.#keys)} FROM ${rows} WHERE ${present}) GROUP BY ${keys}`,
    )
    const tables = [...this.#tables.values()].filter((table) => table.rows > 0)
    // A semi join lets DuckDB build on the batch's keys and scan the state, whatever its size.
    const seen = tables.map((state) => `SELECT ${keys} FROM ${state.table}`).join(' UNION ALL ')
    await run(
      `CREATE OR REPLACE TEMP TABLE ${repeats} AS SELECT __row FROM ${fresh}
       ${tables.length === 0 ? 'LIMIT 0' : `SEMI JOIN (${seen}) USING (${keys})`}`,
    )
    await run(
      `CREATE OR REPLACE TEMP TABLE ${novel} AS
       SELECT * EXCLUDE (copies) FROM ${fresh} ANTI JOIN ${repeats} USING (__row)`,
    )
    await run(
      `INSERT INTO ${repeats} SELECT r.__row
       FROM (SELECT __row, ${asStateColumns(this.#keys)} FROM ${rows} WHERE ${present}) r
       JOIN (SELECT __row AS first, ${keys} FROM ${fresh} WHERE copies > 1) f USING (${keys}) WHERE r.__row <> f.first`,
    )
    return this.#database.count(`SELECT count(*) FROM ${repeats}`, `deduplicating stream ${this.#stream.name}`)
  }

  /** Writes the batch's new keys as one delta file per bucket. The state stays as it is until `advance`. */
  async writeDeltas(batch: BatchBuckets, directory: string): Promise<readonly StateFile[]> {
    const files: StateFile[] = []
    for (const bucket of batch.buckets) {
      const from = this.#novelOf(batch, bucket)
      const file = await this.#write(from, bucket, 'delta', directory)
      if (file !== undefined) files.push(file)
    }
    return files
  }

  /** Adds the batch's new keys to the state. When it fails, the state is in pieces and must be built anew. */
  async advance(batch: BatchBuckets): Promise<void> {
    for (const bucket of batch.buckets) {
      const state = await this.#table(bucket)
      state.rows += await this.#insert(state, `SELECT ${stateColumns(this.#keys)} FROM ${this.#novelOf(batch, bucket)}`)
    }
  }

  #novelOf(batch: BatchBuckets, bucket: Bucket): string {
    const { novel } = relationsOf(this.#stream.name)
    if (batch.buckets.length === 1) return novel
    const rows = `FROM ${this.#bucketFunction}() WHERE __bucket = ${bucket.start_ms}`
    return `(FROM ${novel} SEMI JOIN (${rows}) USING (__row))`
  }

  /** All live buckets, whole. */
  async snapshot(directory: string): Promise<readonly StateFile[]> {
    const files: StateFile[] = []
    for (const state of this.#tables.values()) {
      const file = state.rows === 0 ? undefined : await this.#write(state.table, state, 'snapshot', directory)
      if (file !== undefined) files.push(file)
    }
    return files
  }

  /** Forgets buckets that the watermark has passed; answers their names, `stream:bucket_start_ms`. */
  async expire(watermark_ms: number | undefined): Promise<readonly string[]> {
    const expired = [...this.#tables.values()].filter((state) => isExpired(state, watermark_ms, this.#within_ms))
    for (const state of expired) await this.#drop(state.start_ms)
    return expired.map((state) => `${this.#stream.name}:${state.start_ms}`)
  }

  async release(): Promise<void> {
    const { fresh, novel } = relationsOf(this.#stream.name)
    for (const table of [fresh, novel]) await this.#database.run(`DROP TABLE IF EXISTS ${table}`, 'tidying up')
  }

  /** Undefined when there is nothing to write. */
  async #write(
    from: string,
    bucket: Bucket,
    kind: 'delta' | 'snapshot',
    directory: string,
  ): Promise<StateFile | undefined> {
    const path = `${directory}/${kind}-${bucket.start_ms}.state`
    const rows = await this.#database.count(
      `COPY (SELECT ${toFileColumns(this.#keys)} FROM ${from})
       TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
      `writing the deduplication state of stream ${this.#stream.name}`,
    )
    if (rows === 0) {
      rmSync(path, { force: true })
      return undefined
    }
    return {
      ...describeFile(path, rows),
      stream: this.#stream.name,
      bucket_start_ms: bucket.start_ms,
      bucket_end_ms: bucket.end_ms,
      kind,
    }
  }

  async #table(bucket: Bucket): Promise<StateTable> {
    const known = this.#tables.get(bucket.start_ms)
    if (known !== undefined) return known
    const table = quoteName(`__state_${this.#stream.name}_${bucket.start_ms}`)
    const columns = this.#keys.map((key, i) => `${stateColumn(i)} ${key.type}`).join(', ')
    await this.#database.run(`CREATE TEMP TABLE ${table} (${columns})`, 'making a deduplication bucket')
    const state = { ...bucket, table, rows: 0 }
    this.#tables.set(bucket.start_ms, state)
    return state
  }

  /** Answers how many rows went in. */
  #insert(state: StateTable, select: string): Promise<number> {
    return this.#database.count(`INSERT INTO ${state.table} ${select}`, 'adding to the deduplication state')
  }

  async #drop(start_ms: number): Promise<void> {
    const state = this.#tables.get(start_ms)
    if (state === undefined) return
    this.#tables.delete(start_ms)
    await this.#database.run(`DROP TABLE ${state.table}`, 'dropping a deduplication bucket')
  }
}

interface BucketRange {
  readonly bucket_start_ms: number
  readonly bucket_end_ms: number
}
