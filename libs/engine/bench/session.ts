/**
 * Milliseconds per phase of the DuckDB session on made-up books: `node --import tsx libs/engine/bench/session.ts`.
 * Environment: BATCHES (7), ROWS per batch (210000), WORKER=1 to run the session in its worker, SEEN=n to begin with a
 * state of n random keys, BAD=1 to make every row bad.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIMITS } from '../src/core/limits.ts'
import { createSession } from '../src/duckdb/session.ts'
import { createSessionWorker } from '../src/duckdb/session-client.ts'
import type { ConsumptionPlan } from '../src/plan/consumption-plan.ts'
import type { Segment, SegmentColumn } from '../src/runtime/segment.ts'

const batches = Number(process.env['BATCHES'] ?? 7)
const rowsPerBatch = Number(process.env['ROWS'] ?? 210_000)
const seen = Number(process.env['SEEN'] ?? 0)
const allBad = process.env['BAD'] === '1'
const NOW_MS = 1_750_000_000_000
const DAY_MS = 86_400_000
const ROWS_PER_MESSAGE = 3
const MESSAGE_BYTES = 920
const SEGMENTS = 8

const plan: ConsumptionPlan = {
  pipeline: 'bench',
  fingerprint: '00',
  streams: [
    {
      name: 'books',
      source: { kind: 'topiclog', topic: 'books', directory: 'log', start: 'earliest', onDataLoss: 'fail' },
      decode: {
        kind: 'xml',
        row: '/library/book',
        columns: ['record_id', 'title', 'author_name', 'author_country', 'publication_year', 'added'].map(
          (name, index) => ({
            index,
            name,
            path: name,
            level: 0,
          }),
        ),
        trim: true,
        emptyAsNull: true,
      },
      metadata: [],
      columns: [
        { name: 'record_id', type: 'UUID' },
        { name: 'title', type: 'VARCHAR' },
        { name: 'author_name', type: 'VARCHAR' },
        { name: 'author_country', type: 'VARCHAR' },
        { name: 'publication_year', type: 'INTEGER' },
        { name: 'added', type: 'TIMESTAMP' },
      ],
      typedSql: `
        SELECT __row, record_id, title, author_name, author_country, publication_year, added,
          (CASE WHEN t0 IS NOT NULL AND record_id IS NULL THEN 1 ELSE 0 END
          | CASE WHEN record_id IS NULL AND t0 IS NULL THEN 2 ELSE 0 END
          | CASE WHEN title IS NULL THEN 4 ELSE 0 END
          | CASE WHEN t4 IS NOT NULL AND publication_year IS NULL THEN 8 ELSE 0 END
          | CASE WHEN t5 IS NOT NULL AND added IS NULL THEN 16 ELSE 0 END
          | CASE WHEN (publication_year BETWEEN 1450 AND 2100) IS FALSE THEN 32 ELSE 0 END)::UBIGINT AS __faults0
        FROM (
          SELECT __row, c0 AS t0, c4 AS t4, c5 AS t5, TRY_CAST(c0 AS UUID) AS record_id, c1 AS title, c2 AS author_name,
            c3 AS author_country, TRY_CAST(c4 AS INTEGER) AS publication_year, TRY_CAST(c5 AS TIMESTAMP) AS added
          FROM "__arena_books")`,
      faults: [
        {
          rule: 'ENG_DATA_CAST',
          column: 'record_id',
          arenaColumn: 0,
          message: 'is not a valid UUID',
          action: 'dead_letter',
        },
        {
          rule: 'ENG_DATA_NOT_NULL',
          column: 'record_id',
          arenaColumn: 0,
          message: 'is missing',
          action: 'dead_letter',
        },
        { rule: 'ENG_DATA_NOT_NULL', column: 'title', arenaColumn: 1, message: 'is missing', action: 'dead_letter' },
        {
          rule: 'ENG_DATA_CAST',
          column: 'publication_year',
          arenaColumn: 4,
          message: 'is not a valid INTEGER',
          action: 'dead_letter',
        },
        {
          rule: 'ENG_DATA_CAST',
          column: 'added',
          arenaColumn: 5,
          message: 'is not a valid TIMESTAMP',
          action: 'dead_letter',
        },
        {
          rule: 'ENG_DATA_CHECK',
          constraint: 'plausible_year',
          arenaColumn: 4,
          message: 'is not met',
          action: 'dead_letter',
        },
      ],
      onError: 'dead_letter',
      dedup: { columns: ['record_id'], within_ms: 7 * DAY_MS },
    },
  ],
  views: [],
  outputs: [
    {
      target: {
        kind: 'table',
        name: 'raw_books',
        location: 'lake',
        partitionBy: ['date'],
        compression: 'snappy',
        targetFileBytes: 128 * 1024 * 1024,
        rowGroupRows: 122_880,
      },
      sql: `SELECT record_id::VARCHAR AS record_id, title, author_name, author_country, publication_year,
              added::TIMESTAMPTZ AS added, added::DATE AS date FROM books`,
      columns: [{ name: 'date', type: 'DATE', storedType: 'DATE' }],
    },
  ],
  staticFiles: [],
  trigger: { kind: 'asap' },
  limits: { ...LIMITS, memory_limit_bytes: Number(process.env['MEMORY'] ?? LIMITS.memory_limit_bytes) },
}

const column = (rows: number, bytes: number, value: (row: number) => string): SegmentColumn => {
  const data = new SharedArrayBuffer(rows * bytes)
  const ends = new SharedArrayBuffer(rows * 4)
  const view = Buffer.from(data)
  const endView = new Uint32Array(ends)
  let at = 0
  for (let row = 0; row < rows; row++) {
    at += view.write(value(row), at, 'latin1')
    endView[row] = at
  }
  return { data, ends, nulls: new SharedArrayBuffer(rows) }
}

const filled = <T extends BigInt64Array | Int32Array | Uint32Array>(array: T, value: (i: number) => T[number]): T => {
  for (let i = 0; i < array.length; i++) array[i] = value(i)
  return array
}

let ids = 0
const recent: string[] = []
const uuid = (): string => {
  const hex = randomBytes(16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
const recordId = (): string => {
  if (recent.length > 1_000 && Math.random() < 0.05) return recent[Math.floor(Math.random() * recent.length)]!
  const id = uuid()
  recent.push(id)
  return id
}

const segment = (batch: number, index: number, rows: number): Segment => {
  const messages = Math.ceil(rows / ROWS_PER_MESSAGE)
  const start = BigInt(batch * 1_000_000 + index * 100_000)
  const raw = new SharedArrayBuffer(messages * MESSAGE_BYTES)
  Buffer.from(raw).fill('<library><book/></library>')
  const span = (i: number): number => (i % 2 === 0 ? (i / 2) * MESSAGE_BYTES : MESSAGE_BYTES)
  const none = (i: number): number => (i % 2 === 0 ? 0 : -1)
  const year = (row: number): string => (allBad ? '99999' : row % 200 === 0 ? '9999' : String(1450 + (row % 500)))
  return {
    id: ids++,
    stream: 0,
    topic: 'books',
    partition: index % 4,
    start,
    end: start + BigInt(messages),
    messages,
    rows,
    bytes: messages * MESSAGE_BYTES,
    timestamp_ms_max: NOW_MS,
    raw,
    offsets: filled(new BigInt64Array(new SharedArrayBuffer(messages * 8)), (i) => start + BigInt(i))
      .buffer as SharedArrayBuffer,
    timestamps_ms: filled(new BigInt64Array(new SharedArrayBuffer(messages * 8)), () => BigInt(NOW_MS + batch))
      .buffer as SharedArrayBuffer,
    values: filled(new Int32Array(new SharedArrayBuffer(messages * 8)), span).buffer as SharedArrayBuffer,
    keys: filled(new Int32Array(new SharedArrayBuffer(messages * 8)), none).buffer as SharedArrayBuffer,
    headers: filled(new Int32Array(new SharedArrayBuffer(messages * 8)), none).buffer as SharedArrayBuffer,
    rowMessage: filled(new Uint32Array(new SharedArrayBuffer(rows * 4)), (i) => Math.floor(i / ROWS_PER_MESSAGE))
      .buffer as SharedArrayBuffer,
    columns: [
      column(rows, 36, recordId),
      column(rows, 60, (row) => `The long and winding title of book ${row} of ${batch}`),
      column(rows, 40, (row) => `Author Surname${(row * 7919) % 50_000}`),
      column(rows, 40, (row) => ['Brazil', 'Germany', 'United Kingdom', 'Papua New Guinea'][row % 4]!),
      column(rows, 8, year),
      column(rows, 24, (row) => new Date(NOW_MS - ((row * 7919_000) % (30 * DAY_MS))).toISOString()),
    ],
    rejects: [],
  }
}

const work = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const session =
  process.env['WORKER'] === '1'
    ? createSessionWorker(new URL('../src/duckdb/session-worker.ts', import.meta.url))
    : createSession()
try {
  await session.open(plan, { work })
  if (seen > 0) {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const path = join(work, 'seen.parquet')
    await connection.run(`COPY (SELECT gen_random_uuid() AS k0 FROM range(${seen})) TO '${path}'`)
    const bucket = { bucket_start_ms: NOW_MS - DAY_MS, bucket_end_ms: NOW_MS }
    const start = performance.now()
    await session.restore([{ path, file: { stream: 'books', kind: 'snapshot', ...bucket } }])
    console.log(`restored ${seen} keys in ${(performance.now() - start).toFixed(0)} ms`)
  }
  const total: Record<string, number> = {}
  let wall_ms = 0
  let cpu_ms = 0
  let bytes = 0
  for (let batch = 0; batch < batches; batch++) {
    const segments = Array.from({ length: SEGMENTS }, (_, i) => segment(batch, i, Math.floor(rowsPerBatch / SEGMENTS)))
    const cpu = process.cpuUsage()
    const start = performance.now()
    const output = await session.execute({
      version: String(batch + 1),
      batchTime_ms: NOW_MS + batch,
      directory: join(work, String(batch)),
      segments,
      watermarks_ms: { books: NOW_MS },
      snapshot: false,
    })
    const spent = performance.now() - start
    const used = process.cpuUsage(cpu)
    wall_ms += spent
    cpu_ms += (used.user + used.system) / 1000
    for (const [phase, ms] of Object.entries(output.phases_ms)) total[phase] = (total[phase] ?? 0) + ms
    bytes += output.tables.reduce((sum, file) => sum + statSync(file.path).size, 0)
    const phases = Object.entries(output.phases_ms).map(([phase, ms]) => `${phase} ${ms.toFixed(0)}`)
    console.log(
      `batch ${batch + 1}: ${spent.toFixed(0)} ms (${phases.join(', ')})`,
      JSON.stringify(output.streams['books']),
    )
  }
  const phases = Object.entries(total).map(([phase, ms]) => `${phase} ${ms.toFixed(0)}`)
  console.log(
    `${batches * rowsPerBatch} rows: wall ${wall_ms.toFixed(0)} ms, cpu ${cpu_ms.toFixed(0)} ms; ${phases.join(', ')}`,
  )
  console.log(`${(bytes / 1e6).toFixed(1)} MB of Parquet, RSS ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`)
} finally {
  await session.close()
  rmSync(work, { recursive: true, force: true })
}
