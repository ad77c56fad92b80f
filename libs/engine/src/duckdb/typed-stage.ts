import duckdb from '@duckdb/node-bindings'
import type { StreamPlan } from '../plan/consumption-plan.ts'
import type { Database } from './database.ts'
import { quoteName } from './sql-text.ts'

/** Names of the relations of one stream; the plan's SQL knows `arena`, the rest is the session's own. */
export const relationsOf = (stream: string) => ({
  arena: quoteName(`__arena_${stream}`),
  typed: quoteName(`__typed_${stream}`),
  rows: quoteName(`__rows_${stream}`),
  repeats: quoteName(`__repeats_${stream}`),
  fresh: quoteName(`__fresh_${stream}`),
  novel: quoteName(`__novel_${stream}`),
})

/** Masks of one stream's faults, 64 to a column. */
const maskColumns = (stream: StreamPlan): readonly string[] =>
  Array.from({ length: Math.ceil(stream.faults.length / 64) }, (_, i) => quoteName(`__faults${i}`))

/** SQL that is true for rows that no removing fault struck. */
const isGood = (stream: StreamPlan): string => {
  const conditions = maskColumns(stream).flatMap((column, k) => {
    let removing = 0n
    for (let bit = 0; bit < 64; bit++) {
      const action = stream.faults[64 * k + bit]?.action
      if (action === 'dead_letter' || action === 'drop' || action === 'fail') removing |= 1n << BigInt(bit)
    }
    return removing === 0n ? [] : [`(${column} & ${removing}::UBIGINT) = 0`]
  })
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

const typedTable = (stream: StreamPlan): string =>
  `CREATE OR REPLACE TEMP TABLE ${relationsOf(stream.name).typed} AS ${stream.typedSql}`

/**
 * Makes the relations of a stream, empty, and the views over them, which hold for all batches: `__rows_<stream>` are
 * the rows that stay, `<stream>` those without repeats and without our own columns.
 */
export const defineStream = async (database: Database, stream: StreamPlan): Promise<void> => {
  const { typed, rows, repeats } = relationsOf(stream.name)
  const shown = [...stream.columns.map(({ name }) => name), ...stream.metadata]
  await database.run(typedTable(stream), `preparing stream ${stream.name}`)
  await database.run(`CREATE TEMP TABLE ${repeats} (__row UBIGINT)`, 'preparing deduplication')
  await database.run(
    `CREATE TEMP VIEW ${rows} AS SELECT * FROM ${typed} WHERE ${isGood(stream)}`,
    `preparing stream ${stream.name}`,
  )
  await database.run(
    `CREATE TEMP VIEW ${quoteName(stream.name)} AS SELECT ${shown.map(quoteName).join(', ')} FROM ${rows}${
      stream.dedup === undefined ? '' : ` ANTI JOIN ${repeats} USING (__row)`
    }`,
    `preparing stream ${stream.name}`,
  )
}

/** Casts, trims and checks the batch in one pass. */
export const fillTyped = (database: Database, stream: StreamPlan): Promise<void> =>
  database.run(typedTable(stream), `reading stream ${stream.name}`)

/** Gives the batch's memory back. */
export const emptyStream = async (database: Database, stream: StreamPlan): Promise<void> => {
  const { typed, repeats } = relationsOf(stream.name)
  for (const table of [typed, repeats]) {
    await database.run(`CREATE OR REPLACE TEMP TABLE ${table} AS FROM ${table} LIMIT 0`, 'tidying up after a batch')
  }
}

/** Rows that any fault struck, by ascending `__row`; `masks` has `words` 32-bit words per row. */
export interface FaultyRows {
  readonly count: number
  readonly rows: Uint32Array
  readonly words: number
  readonly masks: Uint32Array
}

const grown = (array: Uint32Array, length: number): Uint32Array => {
  if (length <= array.length) return array
  const larger = new Uint32Array(Math.max(length, array.length * 2))
  larger.set(array)
  return larger
}

export const readFaults = async (database: Database, stream: StreamPlan): Promise<FaultyRows> => {
  const columns = maskColumns(stream)
  const words = columns.length * 2
  let count = 0
  let rows = new Uint32Array(0)
  let masks = new Uint32Array(0)
  if (columns.length === 0) return { count, rows, words, masks }
  await database.chunks(
    `SELECT __row, ${columns.join(', ')} FROM ${relationsOf(stream.name).typed}
     WHERE ${columns.map((column) => `${column} <> 0`).join(' OR ')} ORDER BY __row`,
    `reading the faults of stream ${stream.name}`,
    (vectors, size) => {
      rows = grown(rows, count + size) as typeof rows
      masks = grown(masks, (count + size) * words) as typeof masks
      vectors.forEach((vector, at) => {
        const bytes = duckdb.vector_get_data(vector, size * 8)
        const values = new Uint32Array(bytes.buffer, bytes.byteOffset, size * 2)
        for (let i = 0; i < size; i++) {
          if (at === 0) rows[count + i] = values[2 * i]!
          else {
            masks[(count + i) * words + (at - 1) * 2] = values[2 * i]!
            masks[(count + i) * words + (at - 1) * 2 + 1] = values[2 * i + 1]!
          }
        }
      })
      count += size
    },
  )
  return { count, rows, words, masks }
}
