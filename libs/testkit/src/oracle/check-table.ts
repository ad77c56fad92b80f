import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { LedgerColumns, LedgerRow } from './ledger.ts'

export interface TableViolations {
  readonly duplicates: number
  readonly missing: number
  readonly foreign: number
  /** Rows whose partition, in the file or in the path, is not the ledger's. */
  readonly misplaced: number
  /** Rows whose payload changed. */
  readonly altered: number
  readonly examples: readonly string[]
}

/** True when nothing is wrong. */
export const isClean = (found: TableViolations): boolean =>
  found.duplicates + found.missing + found.foreign + found.misplaced + found.altered === 0

/**
 * Compares a table, read by DuckDB over a glob of its Parquet files, with the ledger. Shares no code with what wrote the
 * files. `complete: false` is for a table that is still being filled: rows may be missing, nothing else may be wrong.
 */
export const checkTable = async (
  glob: string,
  ledger: readonly LedgerRow[],
  columns: LedgerColumns,
  { complete }: { readonly complete: boolean },
): Promise<TableViolations> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-oracle-'))
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB', threads: '2' })
  const connection = await instance.connect()
  try {
    const file = join(folder, 'ledger.json')
    await writeFile(file, ledger.map((row) => JSON.stringify(row)).join('\n'))
    const path = `replace(glob_path, '\\\\', '/')`
    await connection.run(`CREATE TABLE ledger AS SELECT id, "partition", payload FROM read_json('${file}', format = 'newline_delimited',
      columns = {id: 'VARCHAR', "partition": 'VARCHAR', payload: 'VARCHAR'})`)
    await connection.run(`CREATE TABLE seen AS SELECT (${columns.id})::VARCHAR AS id, (${columns.partition})::VARCHAR AS "partition",
      (${columns.payload})::VARCHAR AS payload, ${path} AS path
      FROM (SELECT *, filename AS glob_path FROM read_parquet('${glob.replaceAll("'", "''")}', filename = true, hive_partitioning = false))`)
    const one = async (sql: string): Promise<number> =>
      Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0)
    const faults = {
      duplicates: `SELECT id FROM seen GROUP BY id HAVING count(*) > 1`,
      missing: complete ? 'SELECT id FROM ledger ANTI JOIN seen USING (id)' : `SELECT id FROM ledger WHERE false`,
      foreign: 'SELECT id FROM seen ANTI JOIN ledger USING (id)',
      misplaced: `SELECT seen.id FROM seen JOIN ledger USING (id) WHERE seen."partition" IS DISTINCT FROM ledger."partition"
        OR NOT contains(url_decode(path), '=' || ledger."partition" || '/')`,
      altered: 'SELECT seen.id FROM seen JOIN ledger USING (id) WHERE seen.payload IS DISTINCT FROM ledger.payload',
    }
    const counts: Record<string, number> = {}
    const examples: string[] = []
    for (const [name, sql] of Object.entries(faults)) {
      counts[name] = await one(`SELECT count(*) FROM (${sql})`)
      for (const [id] of (await connection.runAndReadAll(`${sql} LIMIT 3`)).getRows()) examples.push(`${name}: ${id}`)
    }
    return { ...(counts as unknown as Omit<TableViolations, 'examples'>), examples }
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(folder, { recursive: true, force: true })
  }
}
