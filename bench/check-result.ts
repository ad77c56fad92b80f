import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Job, Truth } from './jobs.ts'

/** A wrong result is no result: counts what was written and throws where it is not the truth. Answers the files. */
export const checkResult = async (lake: string, job: Job, truth: Truth): Promise<number> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const one = async (sql: string): Promise<number> => Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0])
  try {
    const glob = join(lake, job.table, '**/*.parquet')
    const rows = await one(`SELECT count(*) FROM read_parquet('${glob}')`)
    const letters = existsSync(join(lake, job.deadLetters))
      ? await one(`SELECT count(*) FROM read_parquet('${join(lake, job.deadLetters)}/*.parquet')`)
      : 0
    if (rows !== truth.rows || letters !== truth.deadLetters)
      throw new Error(`wrong result: ${rows} rows of ${truth.rows}, ${letters} dead letters of ${truth.deadLetters}`)
    return await one(`SELECT count(*) FROM glob('${glob}')`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
