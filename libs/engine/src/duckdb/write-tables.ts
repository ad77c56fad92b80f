import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { DuckDBBlobValue, type DuckDBValue } from '@duckdb/node-api'
import { MillraceError } from '../core/errors/index.ts'
import type { Limits } from '../core/limits.ts'
import { encodePartitionPath } from '../core/partition-path.ts'
import type { OutputPlan, TablePlan } from '../plan/consumption-plan.ts'
import type { Database } from './database.ts'
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

/** Where DuckDB's COPY puts the rows of a partition: our own columns, whose values are plain or numbers that we gave. */
const partitionColumn = (index: number): string => `__millrace_p${index}`

interface Dictionary {
  /** Relation `(v, id)` in DuckDB. */
  readonly table: string
  readonly texts: ReadonlyMap<string, string | null>
}

/** Numbers the distinct values of a column. */
const numberValues = async (database: Database, source: string, name: string, index: number): Promise<Dictionary> => {
  const table = `__values_${index}`
  await database.run(
    `CREATE OR REPLACE TEMP TABLE ${table} AS
     SELECT v, row_number() OVER () AS id FROM (SELECT DISTINCT ${quoteName(name)} AS v FROM ${source})`,
    'numbering partition values',
  )
  const rows = await database.rows(`SELECT id, encode(v::VARCHAR) FROM ${table}`, 'numbering partition values')
  return { table, texts: new Map(rows.map(([id, text]) => [String(id), textOf(text)])) }
}

/** As bytes, because @duckdb/node-api loses a byte order mark that begins a text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const textOf = (value: DuckDBValue | undefined): string | null =>
  value instanceof DuckDBBlobValue ? decoder.decode(value.bytes) : null

const refuseTooMany = async (database: Database, write: TableWrite, source: string): Promise<void> => {
  const { output, limits } = write
  const max = Math.min(limits.open_partitions_max, limits.files_per_batch_max)
  const found = await database.count(
    `SELECT count(*) FROM (SELECT DISTINCT ${quoteNames(output.target.partitionBy)} FROM ${source} LIMIT ${max + 1})`,
    `counting the partitions of ${output.target.name}`,
  )
  if (found <= max) return
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

/**
 * Writes one table output as Parquet files below `directory`: one per partition. Partition columns are written into the
 * files too. DuckDB only ever sees folder names made of plain values or of numbers; the Hive path of a partition
 * is encoded by `core/partition-path.ts` and travels beside the file.
 */
export const writeTable = async (database: Database, write: TableWrite): Promise<readonly OutputFile[]> => {
  const { output, directory } = write
  const { target } = output
  const what = `writing table ${target.name}`
  if (target.partitionBy.length === 0) {
    const path = `${directory}/all.parquet`
    const sql = `COPY (${output.sql}) TO ${quoteText(path)} (${parquetOptions(target)})`
    const [file] = await copy(database, sql, what, 0)
    if (file !== undefined && file.rows > 0) return [{ path: file.path, rows: file.rows, partition: '' }]
    rmSync(path, { force: true })
    return []
  }
  const numbered = target.partitionBy.some((name) => !isPlain(output, name))
  // Values that are numbered are looked up again while writing, so the rows must not change in between.
  const source = numbered ? '__out' : `(${output.sql})`
  if (numbered) await database.run(`CREATE OR REPLACE TEMP TABLE __out AS ${output.sql}`, what)
  await refuseTooMany(database, write, source)
  const dictionaries = await Promise.all(
    target.partitionBy.map((name, i) => (isPlain(output, name) ? undefined : numberValues(database, source, name, i))),
  )
  const selected = target.partitionBy.map((name, i) =>
    dictionaries[i] === undefined
      ? `o.${quoteName(name)} AS ${partitionColumn(i)}`
      : `d${i}.id AS ${partitionColumn(i)}`,
  )
  const joins = dictionaries.map((dictionary, i) =>
    dictionary === undefined
      ? ''
      : ` JOIN ${dictionary.table} d${i} ON o.${quoteName(target.partitionBy[i]!)} IS NOT DISTINCT FROM d${i}.v`,
  )
  const by = target.partitionBy.map((_, i) => partitionColumn(i)).join(', ')
  const files = await copy(
    database,
    `COPY (SELECT o.*, ${selected.join(', ')} FROM ${source} o${joins.join('')})
     TO ${quoteText(`${directory}/parts`)} (${parquetOptions(target)}, PARTITION_BY (${by}))`,
    what,
    target.partitionBy.length,
  )
  if (numbered) await database.run('DROP TABLE __out', what)
  return files.map(({ path, rows, keys }) => {
    const texts = keys.map((key, i) => {
      const dictionary = dictionaries[i]
      return dictionary === undefined ? key : (dictionary.texts.get(String(key)) ?? null)
    })
    return { path, rows, partition: encodePartitionPath(target.partitionBy, texts, digest) }
  })
}
