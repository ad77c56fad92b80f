/**
 * Milliseconds per phase of the DuckDB session on made-up books: `node --import tsx libs/engine/bench/session.ts`.
 * Environment: BATCHES (7), ROWS per batch (210000), WORKER=1 to run the session in its worker, SEEN=n to begin with a
 * state of n random keys, BAD=1 to make every row bad.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSession } from '../src/duckdb/session.ts'
import { createSessionWorker } from '../src/duckdb/session-client.ts'
import { openSqlEngine } from '../src/duckdb/sql-engine.ts'
import { compile } from '../src/plan/compile.ts'
import type { ConsumptionPlan } from '../src/plan/consumption-plan.ts'
import type { Segment, SegmentColumn } from '../src/runtime/segment.ts'
import { parseFile } from '../src/sql/parse-file.ts'

const batches = Number(process.env['BATCHES'] ?? 7)
const rowsPerBatch = Number(process.env['ROWS'] ?? 210_000)
const seen = Number(process.env['SEEN'] ?? 0)
const allBad = process.env['BAD'] === '1'
const NOW_MS = 1_750_000_000_000
const DAY_MS = 86_400_000
const ROWS_PER_MESSAGE = 3
const MESSAGE_BYTES = 920
const SEGMENTS = 8

/** The plan of the pipeline that we ship, so that its SQL is what is measured. */
const booksPlan = async (): Promise<ConsumptionPlan> => {
  const engine = await openSqlEngine()
  try {
    const file = fileURLToPath(new URL('../../../sql/books_raw.sql', import.meta.url))
    const parse = (text: string, name: string) => parseFile(text, { file: name, lookup: () => undefined })
    const ports = { engine, parse, sha256: (text: string) => text, readFile: async () => undefined }
    const compiled = await compile(parse(readFileSync(file, 'utf8'), file).file, ports, { cwd: tmpdir() })
    const plan = compiled.program?.pipelines[0]
    if (plan === undefined) throw new Error(JSON.stringify(compiled.diagnostics))
    return {
      ...plan,
      limits: { ...plan.limits, memory_limit_bytes: Number(process.env['MEMORY'] ?? 256 * 1024 * 1024) },
    }
  } finally {
    await engine.close()
  }
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

const year = (row: number): string => (allBad ? '99999' : row % 200 === 0 ? '9999' : String(1450 + (row % 500)))
const countries = ['Brazil', 'Germany', 'United Kingdom', 'Papua New Guinea']
const added = (row: number): string => new Date(NOW_MS - ((row * 7919_000) % (30 * DAY_MS))).toISOString()
const makers: Readonly<Record<string, (batch: number, rows: number) => SegmentColumn>> = {
  record_id: (_, rows) => column(rows, 36, recordId),
  title: (batch, rows) => column(rows, 60, (row) => `The long and winding title of book ${row} of ${batch}`),
  author_name: (_, rows) => column(rows, 40, (row) => `Author Surname${(row * 7919) % 50_000}`),
  author_country: (_, rows) => column(rows, 40, (row) => countries[row % 4]!),
  publication_year: (_, rows) => column(rows, 8, year),
  added: (_, rows) => column(rows, 24, added),
}

const segment = (plan: ConsumptionPlan, batch: number, index: number, rows: number): Segment => {
  const messages = Math.ceil(rows / ROWS_PER_MESSAGE)
  const start = BigInt(batch * 1_000_000 + index * 100_000)
  const raw = new SharedArrayBuffer(messages * MESSAGE_BYTES)
  Buffer.from(raw).fill('<library><book/></library>')
  const span = (i: number): number => (i % 2 === 0 ? (i / 2) * MESSAGE_BYTES : MESSAGE_BYTES)
  const none = (i: number): number => (i % 2 === 0 ? 0 : -1)
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
    columns: plan.streams[0]!.decode.columns.map(({ name }) => makers[name]!(batch, rows)),
    rejects: [],
  }
}

const plan = await booksPlan()
const stream = plan.streams[0]!.name
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
    await session.restore([{ path, file: { stream, kind: 'snapshot', ...bucket } }])
    console.log(`restored ${seen} keys in ${(performance.now() - start).toFixed(0)} ms`)
  }
  const total: Record<string, number> = {}
  let wall_ms = 0
  let cpu_ms = 0
  let bytes = 0
  for (let batch = 0; batch < batches; batch++) {
    const segments = Array.from({ length: SEGMENTS }, (_, i) =>
      segment(plan, batch, i, Math.floor(rowsPerBatch / SEGMENTS)),
    )
    const cpu = process.cpuUsage()
    const start = performance.now()
    const output = await session.execute({
      version: String(batch + 1),
      batchTime_ms: NOW_MS + batch,
      directory: join(work, String(batch)),
      segments,
      watermarks_ms: { [stream]: NOW_MS },
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
      JSON.stringify(output.streams[stream]),
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
