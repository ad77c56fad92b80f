import { statSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance, type DuckDBResultReader, StatementType } from '@duckdb/node-api'
import { MillraceError } from '@millrace/engine'
import { quoteName, quoteText } from '@millrace/engine/duckdb/sql-text.ts'
import type { TablePlan } from '@millrace/engine/plan/consumption-plan.ts'
import { parseLocation } from '@millrace/storage'
import type { ResultSet } from '../output/rows.ts'
import type { LoadedFile } from './load.ts'
import { committedFiles, type KnownPipeline, knownPipelines } from './pipelines.ts'

/** Columns of a dead-letter file, for a stream that has none yet. */
const DEAD_LETTERS_EMPTY = `SELECT NULL::VARCHAR AS stream, NULL::VARCHAR AS topic, NULL::INTEGER AS "partition",
  NULL::BIGINT AS "offset", NULL::TIMESTAMPTZ AS "timestamp", NULL::BLOB AS "key", NULL::BLOB AS raw,
  NULL::INTEGER AS row_ordinal,
  NULL::STRUCT("column" VARCHAR, "rule" VARCHAR, "value" VARCHAR, "message" VARCHAR)[] AS reasons,
  NULL::BIGINT AS batch, NULL::TIMESTAMPTZ AS rejected_at WHERE false`

const READS: readonly StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN]

/** A DuckDB in memory that knows a file's tables by name, as their commits have them. */
export class Reader {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** Without a file only paths are known. */
  static async open(loaded?: LoadedFile): Promise<Reader> {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const reader = new Reader(instance, connection)
    await connection.run("SET TimeZone = 'UTC'")
    if (loaded !== undefined) await reader.#define(loaded)
    return reader
  }

  /** Runs one SELECT (or DESCRIBE, SHOW, SUMMARIZE, EXPLAIN); at most `limit` rows of it where that is above 0. */
  async query(sql: string, limit = 0): Promise<ResultSet> {
    try {
      const statements = await this.#connection.extractStatements(sql)
      if (statements.count !== 1) throw new MillraceError('ENG_CLI_USAGE', 'query takes one SELECT')
      const prepared = await statements.prepare(0)
      if (!READS.includes(prepared.statementType)) {
        throw new MillraceError('ENG_CLI_USAGE', 'query only reads: write SELECT, FROM, DESCRIBE or SUMMARIZE')
      }
      const reader = await prepared.streamAndReadUntil(limit > 0 ? limit + 1 : Number.MAX_SAFE_INTEGER)
      return resultSet(reader, limit)
    } catch (thrown) {
      if (thrown instanceof MillraceError) throw thrown
      throw new MillraceError('ENG_DUCKDB_QUERY', (thrown as Error).message, { cause: thrown, hint: '' })
    }
  }

  async countRows(path: string): Promise<number> {
    const reader = await this.#connection.runAndReadAll(
      `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${quoteText(path)})`,
    )
    return Number(reader.getRows()[0]?.[0] ?? 0)
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #define(loaded: LoadedFile): Promise<void> {
    const deadLetters: string[] = []
    const written = new Set<string>()
    for (const pipeline of knownPipelines(loaded)) {
      const files = await committedFiles(pipeline)
      deadLetters.push(...files.deadLetters)
      for (const target of tablesOf(pipeline)) {
        written.add(target.name)
        await this.#view(target.name, files.tables.get(target.name) ?? [], columnsOf(pipeline, target))
      }
    }
    for (const table of loaded.program.tables) {
      if (written.has(table.name)) continue
      const { root, name } = parseLocation(table.location, process.cwd())
      const glob = `${root}/${name}/**/*.parquet`
      const exists = statSync(`${root}/${name}`, { throwIfNoEntry: false })?.isDirectory() === true
      const partitions = table.columns.filter((column) => table.partitionBy.includes(column.name))
      await this.#view(table.name, exists ? [glob] : [], { all: table.columns, partitions })
    }
    const source =
      deadLetters.length > 0
        ? `SELECT * FROM read_parquet(${pathList(deadLetters)}, union_by_name = true)`
        : DEAD_LETTERS_EMPTY
    await this.#connection.run(`CREATE VIEW "millrace_dead_letters" AS ${source}`)
    await this.#connection.run(
      'CREATE MACRO dead_letters(of_stream) AS TABLE SELECT * FROM "millrace_dead_letters" WHERE stream = of_stream',
    )
  }

  async #view(name: string, paths: readonly string[], columns: TableColumns): Promise<void> {
    const empty = `SELECT ${columns.all.map((c) => `NULL::${c.type} AS ${quoteName(c.name)}`).join(', ')} WHERE false`
    const types = columns.partitions.map((c) => `${quoteText(c.name)}: ${quoteText(c.type)}`).join(', ')
    const hive = columns.partitions.length > 0 ? `, hive_partitioning = true, hive_types = {${types}}` : ''
    const names = columns.all.length > 0 ? columns.all.map((c) => quoteName(c.name)).join(', ') : '*'
    const select =
      paths.length === 0 ? empty : `SELECT ${names} FROM read_parquet(${pathList(paths)}, union_by_name = true${hive})`
    if (paths.length === 0 && columns.all.length === 0) return
    await this.#connection.run(`CREATE VIEW ${quoteName(name)} AS ${select}`)
  }
}

interface TableColumns {
  readonly all: readonly { readonly name: string; readonly type: string }[]
  readonly partitions: readonly { readonly name: string; readonly type: string }[]
}

const pathList = (paths: readonly string[]): string => `[${paths.map(quoteText).join(', ')}]`

const tablesOf = ({ plan }: KnownPipeline): readonly TablePlan[] =>
  plan.outputs.flatMap(({ target }, i) =>
    target.kind === 'table' && plan.outputs.findIndex((o) => o.target.name === target.name) === i ? [target] : [],
  )

const columnsOf = ({ plan }: KnownPipeline, table: TablePlan): TableColumns => {
  const output = plan.outputs.find(({ target }) => target.name === table.name)!
  const all = output.columns.map(({ name, storedType }) => ({ name, type: storedType }))
  return { all, partitions: all.filter(({ name }) => table.partitionBy.includes(name)) }
}

const resultSet = (reader: DuckDBResultReader, limit: number): ResultSet => {
  const types = reader.columnTypes()
  const columns = reader.columnNames().map((name, i) => ({ name, type: String(types[i]) }))
  const rows = reader.getRows()
  const shown = limit > 0 && rows.length > limit ? rows.slice(0, limit) : rows
  return { columns, rows: shown.map((row) => row.map(plainValue)), more: shown.length < rows.length }
}

/** DuckDB's value as a plain one: numbers stay numbers, lists and structs stay what they are, the rest is its text. */
const plainValue = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if ('items' in value && Array.isArray(value.items)) return value.items.map(plainValue)
  if ('entries' in value && Array.isArray(value.entries)) {
    return value.entries.map((entry) => ({ key: plainValue(entry.key), value: plainValue(entry.value) }))
  }
  if ('entries' in value && typeof value.entries === 'object' && value.entries !== null) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, field]) => [name, plainValue(field)]))
  }
  return String(value)
}
