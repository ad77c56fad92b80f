import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '../generators/index.ts'
import { checkTable, type TableViolations } from '../oracle/index.ts'
import { LedgerProducer } from './ledger-producer.ts'
import { TableReader } from './table-reader.ts'

export interface KillRunOptions {
  /** The command line's script and the SQL file of the books pipeline. */
  readonly cli: string
  readonly sql: string
  readonly bootstrap: string
  readonly kills: number
  readonly seed: number
  readonly messages_per_s: number
  readonly log: (line: string) => void
}

export interface KillRunResult {
  readonly messages: number
  readonly rows: number
  readonly kills: number
  readonly looks: number
  readonly table: TableViolations
  /** What the concurrent reader saw while the table was being written. */
  readonly seen: readonly string[]
  readonly verifyStatus: number | null
  readonly deadLetters: { readonly expected: number; readonly found: number }
}

/** A life of the process before it is killed, in ms: from its start-up to several commits. */
const LIFE_MS = { min: 300, max: 3_000 }
const PARTITIONS = 4

/**
 * Produces without pause to a real topic, runs the pipeline under `kill -9` at random moments, looks at the table all the
 * while, then lets one run finish and holds the table against the ledger.
 */
export const runUnderKills = async (options: KillRunOptions): Promise<KillRunResult> => {
  const random = new SeededRandom(options.seed)
  const lake = await mkdtemp(join(tmpdir(), 'millrace-kill-'))
  const topic = 'book_data_topic'
  const args = [options.cli, 'run', options.sql, '--set', `KAFKA=${options.bootstrap}`, '--set', `LAKE=${lake}`]
  const millrace = join(lake, 'raw/_millrace/raw_books')
  const reader = new TableReader({
    tableRoot: join(lake, 'raw/books'),
    commits: join(millrace, 'commits'),
    id: 'record_id',
  })
  const producer = await LedgerProducer.open({
    bootstrap: options.bootstrap,
    topic,
    partitions: PARTITIONS,
    seed: options.seed,
  })
  try {
    producer.start(options.messages_per_s)
    reader.start(200)
    for (let kill = 1; kill <= options.kills; kill++) {
      const child = spawn(process.execPath, args, { stdio: 'ignore' })
      await lifeOf(child, LIFE_MS.min + random.next() * (LIFE_MS.max - LIFE_MS.min))
      if (kill % 10 === 0)
        options.log(`${kill} kills, ${producer.messages} messages acknowledged, ${reader.looks} looks`)
    }
    await producer.stop()
    const last = await ended(spawn(process.execPath, [...args, '--once'], { stdio: ['ignore', 'ignore', 'inherit'] }))
    if (last !== 0) throw new Error(`the last run, which was not killed, ended with ${last}`)
    const seen = await reader.stop()
    const columns = { id: 'record_id', partition: 'date', payload: 'title' }
    const table = await checkTable(join(lake, 'raw/books/**/*.parquet'), producer.ledger, columns, { complete: true })
    const found = await countRows(join(millrace, 'dead_letters/*.parquet'))
    const verify = args.map((argument) => (argument === 'run' ? 'verify' : argument))
    const verifyStatus = await ended(spawn(process.execPath, verify, { stdio: 'ignore' }))
    return {
      messages: producer.messages,
      rows: producer.ledger.length,
      kills: options.kills,
      looks: reader.looks,
      table,
      seen,
      verifyStatus,
      deadLetters: { expected: producer.deadLetters, found },
    }
  } finally {
    await producer.stop().catch(() => undefined)
    await reader.stop()
    await rm(lake, { recursive: true, force: true })
  }
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => child.once('error', reject).once('exit', (status) => resolve(status)))

/** Kills the process after its time. One that ends by itself before that has failed. */
const lifeOf = async (child: ChildProcess, life_ms: number): Promise<void> => {
  const timer = setTimeout(() => child.kill('SIGKILL'), life_ms)
  const status = await ended(child)
  clearTimeout(timer)
  if (child.signalCode !== 'SIGKILL') throw new Error(`the run ended by itself with ${status ?? child.signalCode}`)
}

const countRows = async (glob: string): Promise<number> => {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    return Number((await connection.runAndReadAll(`SELECT count(*) FROM read_parquet('${glob}')`)).getRows()[0]?.[0])
  } finally {
    connection.closeSync()
  }
}
