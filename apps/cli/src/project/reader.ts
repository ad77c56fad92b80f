import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResultReader,
  DuckDBTimestampTZValue,
  StatementType,
} from '@duckdb/node-api'
import { MillraceError } from '@millrace/engine'
import { quoteName, quoteText } from '@millrace/engine/duckdb/sql-text.ts'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { ResultSet } from '../output/rows.ts'
import { type FileCache, openFileCache } from './file-cache.ts'
import type { LoadedFile } from './load.ts'
import { withFooter } from './parquet-footer.ts'
import { neededFiles } from './partition-filter.ts'
import { patientStore } from './patient-store.ts'
import { localPath, type Relation, relationsOf } from './relations.ts'

// The text of a TIMESTAMPTZ is made here, not in DuckDB, and would be of this machine's zone.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0

const READS: readonly StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN]

/** A DuckDB in memory that knows a file's tables by name, as their commits have them. */
export class Reader {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  /** Those whose files are fetched by the query that wants them. */
  readonly #remote: Relation[] = []
  #cache: FileCache | undefined

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
    for (const relation of this.#remote) if (mentions(sql, relation.name)) await this.#fetch(relation, sql)
    try {
      if (isEmpty(sql)) throw new MillraceError('ENG_CLI_USAGE', 'The SELECT is empty', { hint: SELECT_HINT })
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

  /** Rows of a Parquet file by its footer, which is all that is read of it. */
  async countRows(store: StorageAdapter, path: StoragePath): Promise<number> {
    const local = localPath(store, path)
    if (local !== undefined) return this.#countRows(local)
    return withFooter(patientStore(store), path, (footer) => this.#countRows(footer))
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #countRows(path: string): Promise<number> {
    const reader = await this.#connection.runAndReadAll(
      `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${quoteText(path)})`,
    )
    return Number(reader.getRows()[0]?.[0] ?? 0)
  }

  async #define(loaded: LoadedFile): Promise<void> {
    for (const relation of await relationsOf(loaded)) {
      const local = relation.files.map(({ store, path }) => localPath(store, path))
      const paths = local.filter((path) => path !== undefined)
      if (paths.length < local.length) this.#remote.push(relation)
      // Without its files a remote relation has its columns all the same: enough for DESCRIBE.
      await this.#view(relation, paths.length < local.length ? [] : paths)
    }
    await this.#connection.run(
      'CREATE MACRO dead_letters(of_stream) AS TABLE SELECT * FROM "millrace_dead_letters" WHERE stream = of_stream',
    )
  }

  async #fetch(relation: Relation, sql: string): Promise<void> {
    const files = await neededFiles(this.#connection, relation, sql)
    this.#cache ??= openFileCache()
    const remote = files.filter(({ store, path }) => localPath(store, path) === undefined)
    const fetched = await this.#cache.fetch(remote)
    const local = files.flatMap(({ store, path }) => localPath(store, path) ?? [])
    await this.#view(relation, [...local, ...fetched])
  }

  async #view({ name, columns, partitionBy, partitionsInPaths }: Relation, paths: readonly string[]): Promise<void> {
    if (paths.length === 0 && columns.length === 0) return
    const empty = `SELECT ${columns.map((c) => `NULL::${c.type} AS ${quoteName(c.name)}`).join(', ')} WHERE false`
    const partitions = columns.filter((column) => partitionBy.includes(column.name))
    const types = partitions.map((c) => `${quoteText(c.name)}: ${quoteText(c.type)}`).join(', ')
    // A path's value may be shortened or stand for the empty text, so it gives way to the file's own.
    const inPaths = partitionsInPaths && partitions.length > 0
    const hive = inPaths ? `hive_partitioning = true, hive_types = {${types}}` : 'hive_partitioning = false'
    const names = columns.length > 0 ? columns.map((c) => quoteName(c.name)).join(', ') : '*'
    const list = `[${paths.map(quoteText).join(', ')}]`
    const select =
      paths.length === 0 ? empty : `SELECT ${names} FROM read_parquet(${list}, union_by_name = true, ${hive})`
    try {
      await this.#connection.run(`CREATE OR REPLACE VIEW ${quoteName(name)} AS ${select}`)
    } catch (thrown) {
      const hint = 'millrace verify FILE names the files that are gone or are not what was committed.'
      const message = `table ${name} cannot be read: ${(thrown as Error).message}`
      throw new MillraceError('ENG_DUCKDB_QUERY', message, { cause: thrown, hint })
    }
  }
}

const SELECT_HINT = 'Write for example: SELECT * FROM a_table'

/** Nothing but space, comments and semicolons: DuckDB's binding has no words for that. */
const isEmpty = (sql: string): boolean => sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').replace(/[\s;]/g, '') === ''

/** Whether a text could name a relation: true too often is a download, never a wrong answer. */
const mentions = (sql: string, name: string): boolean =>
  sql.toLowerCase().includes(
    name
      .toLowerCase()
      .replaceAll('"', '""')
      .replace(/^millrace_/, ''),
  )

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
