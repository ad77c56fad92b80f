import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { DuckDBBlobValue, type DuckDBValue } from '@duckdb/node-api'
import { MillraceError } from '../core/errors/index.ts'
import type { Limits } from '../core/limits.ts'
import { encodePartitionPath } from '../core/partition-path.ts'
import type { OutputPlan, TablePlan } from '../plan/consumption-plan.ts'
import type { Database } from './database.ts'
import { PARTITIONS_PER_COPY } from './lockdown.ts'
import { quoteName, quoteNames, quoteText } from './sql-text.ts'

/** A Parquet file of an output, before it is measured. */
export interface OutputFile {
  readonly path: string
  readonly rows: number
  readonly partition: string
}

export interface TableWrite {
  readonly output: OutputPlan & { readonly target: TablePlan }
  readonly directory: string
  readonly limits: Limits
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

const parquetOptions = (table: TablePlan): string =>
  `FORMAT parquet, COMPRESSION ${table.compression}, ROW_GROUP_SIZE ${table.rowGroupRows}, RETURN_STATS`

/** Types whose text is short and never ambiguous, so that DuckDB may partition by the column itself. */
const PLAIN_PARTITION_TYPE =
  /^(DATE|BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|DECIMAL\(\d+, ?\d+\)|TIMESTAMP( WITH TIME ZONE)?)$/i

const isPlain = (output: OutputPlan, name: string): boolean =>
  PLAIN_PARTITION_TYPE.test(output.columns.find((column) => column.name === name)?.storedType ?? '')

/** What DuckDB's COPY partitions by: our own columns, whose values are plain or numbers that we gave. */
const partitionColumn = (index: number): string => `__millrace_p${index}`

/** As bytes, because @duckdb/node-api loses a byte order mark that begins a text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const textOf = (value: DuckDBValue): string | null =>
  value instanceof DuckDBBlobValue ? decoder.decode(value.bytes) : null

/** Number of distinct partitions in `source`; refuses more than the limits allow. */
const countPartitions = async (database: Database, write: TableWrite, source: string): Promise<number> => {
  const { output, limits } = write
  const max = Math.min(limits.open_partitions_max, limits.files_per_batch_max)
  const found = await database.count(
    `SELECT count(*) FROM (SELECT DISTINCT ${quoteNames(output.target.partitionBy)} FROM ${source} LIMIT ${max + 1})`,
    `counting the partitions of ${output.target.name}`,
  )
  if (found <= max) return found
  const columns = output.target.partitionBy.join(', ')
  throw new MillraceError(
    'ENG_DUCKDB_TOO_MANY_PARTITIONS',
    `a batch for table ${output.target.name} has more than ${max} values of (${columns})`,
  )
}

/** Rows of COPY's RETURN_STATS: file name, rows, …, partition keys. */
interface Written {
  readonly path: string
  readonly rows: number
  /** Text of each partition column, in order; null is NULL. */
  readonly keys: readonly (string | null)[]
}

const HIVE_NULL = '__HIVE_DEFAULT_PARTITION__'

/** DuckDB escapes what a path may not hold as `%XX`. All values here are ASCII. */
const keyOf = (path: string, index: number): string | null => {
  const name = `/${partitionColumn(index)}=`
  const start = path.lastIndexOf(name) + name.length
  const text = path.slice(start, path.indexOf('/', start))
  return text === HIVE_NULL ? null : decodeURIComponent(text)
}

const copy = async (database: Database, sql: string, what: string, keys: number): Promise<readonly Written[]> => {
  const rows = await database.rows(sql, what)
  return rows.map(([file, count]) => {
    const path = String(file)
    return { path, rows: Number(count), keys: Array.from({ length: keys }, (_, i) => keyOf(path, i)) }
  })
}

const writeWhole = async (database: Database, write: TableWrite, what: string): Promise<readonly OutputFile[]> => {
  const { output, directory } = write
  const path = `${directory}/all.parquet`
  const sql = `COPY (${output.sql}) TO ${quoteText(path)} (${parquetOptions(output.target)})`
  const [file] = await copy(database, sql, what, 0)
  if (file !== undefined && file.rows > 0) return [{ path: file.path, rows: file.rows, partition: '' }]
  rmSync(path, { force: true })
  return []
}

/** One pass: DuckDB partitions by the columns themselves. */
const writePlain = async (database: Database, write: TableWrite, what: string): Promise<readonly OutputFile[]> => {
  const { output, directory } = write
  const { target } = output
  const by = target.partitionBy.map((_, i) => partitionColumn(i))
  const keys = target.partitionBy.map((name, i) => `o.${quoteName(name)} AS ${by[i]}`)
  const files = await copy(
    database,
    `COPY (SELECT o.*, ${keys.join(', ')} FROM (${output.sql}) o)
     TO ${quoteText(`${directory}/parts`)} (${parquetOptions(target)}, PARTITION_BY (${by.join(', ')}))`,
    what,
    by.length,
  )
  return files.map(({ path, rows, keys }) => ({
    path,
    rows,
    partition: encodePartitionPath(target.partitionBy, keys, digest),
  }))
}

/**
 * Numbers the partitions, then writes them by number. The rows are stored first: numbers are looked up again while
 * writing, so that they must not change in between.
 */
const writeNumbered = async (database: Database, write: TableWrite, what: string): Promise<readonly OutputFile[]> => {
  const { output, directory } = write
  const { target } = output
  const names = target.partitionBy.map(quoteName)
  await database.run(`CREATE OR REPLACE TEMP TABLE __out AS ${output.sql}`, what)
  await countPartitions(database, write, '__out')
  await database.run(
    `CREATE OR REPLACE TEMP TABLE __partitions AS
     SELECT *, row_number() OVER () AS __id FROM (SELECT DISTINCT ${names.join(', ')} FROM __out)`,
    what,
  )
  const texts = names.map((name) => `encode(${name}::VARCHAR)`).join(', ')
  const tuples = await database.rows(`SELECT __id, ${texts} FROM __partitions ORDER BY __id`, what)
  const matches = names.map((name) => `o.${name} IS NOT DISTINCT FROM p.${name}`).join(' AND ')
  const files: OutputFile[] = []
  for (let first = 1; first <= tuples.length; first += PARTITIONS_PER_COPY) {
    const written = await copy(
      database,
      `COPY (SELECT o.*, p.__id AS ${partitionColumn(0)} FROM __out o JOIN __partitions p ON ${matches}
             WHERE p.__id BETWEEN ${first} AND ${first + PARTITIONS_PER_COPY - 1})
       TO ${quoteText(`${directory}/parts-${first}`)}
       (${parquetOptions(target)}, PARTITION_BY (${partitionColumn(0)}))`,
      what,
      1,
    )
    for (const { path, rows, keys } of written) {
      const values = tuples[Number(keys[0]) - 1]!.slice(1).map(textOf)
      files.push({ path, rows, partition: encodePartitionPath(target.partitionBy, values, digest) })
    }
  }
  for (const table of ['__out', '__partitions']) await database.run(`DROP TABLE ${table}`, what)
  return files
}

/**
 * Writes one table output as Parquet files below `directory`: one per partition. Partition columns are written into the
 * files too. DuckDB only ever sees folder names made of plain values or of numbers; the Hive path of a partition
 * is encoded by `core/partition-path.ts` and travels beside the file.
 */
export const writeTable = async (database: Database, write: TableWrite): Promise<readonly OutputFile[]> => {
  const { output } = write
  const what = `writing table ${output.target.name}`
  const { partitionBy } = output.target
  if (partitionBy.length === 0) return writeWhole(database, write, what)
  if (!partitionBy.every((name) => isPlain(output, name))) return writeNumbered(database, write, what)
  const partitions = await countPartitions(database, write, `(${output.sql})`)
  return (partitions > PARTITIONS_PER_COPY ? writeNumbered : writePlain)(database, write, what)
}
