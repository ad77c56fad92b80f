/**
 * What it costs to fill text vectors: the arena's way (one element per vector, records written by hand) against one
 * public call per value. `node --import tsx libs/engine/bench/fill.ts`
 */
import duckdb, { type Vector } from '@duckdb/node-bindings'
import { Database } from '../src/duckdb/database.ts'
import { CHUNK_ROWS, fillText } from '../src/duckdb/fill.ts'
import { type Relation, TYPES } from '../src/duckdb/relation.ts'

const ROWS = 1_500_000
const LENGTHS = [4, 13, 24, 36, 60]

const columns = LENGTHS.map((length) => {
  const data = new Uint8Array(new SharedArrayBuffer(ROWS * length)).fill(0x61)
  const ends = new Uint32Array(new SharedArrayBuffer(ROWS * 4))
  for (let row = 0; row < ROWS; row++) ends[row] = (row + 1) * length
  return { data, ends, nulls: new Uint8Array(new SharedArrayBuffer(ROWS)) }
})

type Fill = (vector: Vector, column: (typeof columns)[number], from: number, rows: number) => void

const perValue: Fill = (vector, { data, ends }, from, rows) => {
  let start = from === 0 ? 0 : ends[from - 1]!
  for (let row = 0; row < rows; row++) {
    const end = ends[from + row]!
    duckdb.vector_assign_string_element_len(vector, row, data.subarray(start, end))
    start = end
  }
}

const measure = async (name: string, fill: Fill): Promise<void> => {
  let spent_ms = 0
  const relation: Relation = {
    rows: ROWS,
    pieces: Math.ceil(ROWS / CHUNK_ROWS),
    rowsOf: (piece) => Math.min(CHUNK_ROWS, ROWS - piece * CHUNK_ROWS),
    fill: (piece, column, vector) => {
      const start = performance.now()
      fill(vector, columns[column]!, piece * CHUNK_ROWS, relation.rowsOf(piece))
      spent_ms += performance.now() - start
    },
  }
  const database = await Database.open()
  const types = LENGTHS.map((length) => ({ name: `c${length}`, type: TYPES.varchar }))
  database.register('source', types, () => relation, 1)
  const cpu = process.cpuUsage()
  await database.run(
    `SELECT ${types.map((column) => `max(strlen(${column.name}))`).join(', ')} FROM source()`,
    'scanning',
  )
  const used = process.cpuUsage(cpu)
  const cpu_ms = (used.user + used.system) / 1000
  console.log(
    `${name}: fill ${spent_ms.toFixed(0)} ms, whole query ${cpu_ms.toFixed(0)} ms of CPU, ${ROWS} rows, ${LENGTHS.length} columns`,
  )
  database.close()
}

for (let round = 0; round < 2; round++) {
  await measure('arena', fillText)
  await measure('one call per value', perValue)
}
