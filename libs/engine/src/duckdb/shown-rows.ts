import { DuckDBTimestampTZValue } from '@duckdb/node-api'
import type { OutputPlan } from '../plan/consumption-plan.ts'
import type { Database } from './database.ts'
import type { BatchOutput } from './session-port.ts'

// The text of a TIMESTAMPTZ is made by the client, which would take this machine's zone.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0

/** Rows that a console or memory target keeps of one batch when it does not say. */
export const SHOWN_ROWS_MAX = 1_000

/** Runs a query for people: at most `rowsMax` rows, as values that JSON can hold (64-bit integers are strings). */
export const showRows = async (
  database: Database,
  output: OutputPlan,
  index: number,
): Promise<{ readonly shown: BatchOutput['shown'][number]; readonly rows: number }> => {
  const { target } = output
  const rowsMax = target.kind === 'table' ? SHOWN_ROWS_MAX : (target.rowsMax ?? SHOWN_ROWS_MAX)
  const what = `showing ${target.name}`
  await database.run(`CREATE OR REPLACE TEMP TABLE __out AS ${output.sql}`, what)
  const rows = await database.count('SELECT count(*) FROM __out', what)
  const result = await database.result(`FROM __out LIMIT ${rowsMax}`, what)
  const shown = {
    output: index,
    columns: result.columnNames(),
    rows: await result.getRowsJson(),
    truncated: rows > rowsMax,
  }
  await database.run('DROP TABLE __out', what)
  return { shown, rows }
}
