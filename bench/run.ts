import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { produceToKafka, produceToLog } from '../libs/engine/src/sources/produce/index.ts'
import { startKafka } from '../libs/testkit/src/kafka/index.ts'
import { checkResult } from './check-result.ts'
import { JOBS, type Job, type Truth } from './jobs.ts'
import { type Measured, measure } from './measure.ts'

/**
 * npm run bench -- JOB [--kafka] [--messages N] [--rounds N] [--set name=value …]: produces the job's messages once,
 * then runs the shipped SQL file over them, from an empty lake each round, as a child process that is measured from outside.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kafka: { type: 'boolean', default: false },
    messages: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    set: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', default: false },
  },
})

const PARTITIONS = 4
const job = JOBS[positionals[0] ?? 'books']
if (job === undefined) {
  console.error(`unknown job ${positionals[0]}: ${Object.keys(JOBS).join(', ')}`)
  process.exit(1)
}

const produce = async (job: Job, count: number, source: string, folder: string): Promise<Truth> => {
  const truth: Truth = { messages: 0, bytes: 0, rows: 0, deadLetters: 0 }
  const messages = job.messagesFor(count, truth)
  const options = { topic: job.topic, partitions: PARTITIONS }
  const began = performance.now()
  if (source.startsWith('embedded:')) await produceToLog({ ...options, directory: join(folder, 'topics') }, messages)
  else await produceToKafka({ ...options, brokers: source.split(',') }, messages)
  const took_s = (performance.now() - began) / 1000
  console.log(
    `produced ${truth.messages} messages, ${(truth.bytes / 1e6).toFixed(0)} MB, ${truth.rows} good rows in ${took_s.toFixed(1)} s`,
  )
  return truth
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

const round = async (job: Job, source: string, folder: string, truth: Truth): Promise<Measured & { files: number }> => {
  const lake = await mkdtemp(join(folder, 'lake-'))
  const args = [
    'apps/cli/bin/millrace.js',
    'run',
    job.sql,
    '--once',
    '--set',
    `KAFKA=${source}`,
    '--set',
    `LAKE=${lake}`,
  ]
  const measured = await measure(process.execPath, [...args, ...values.set.flatMap((pair) => ['--set', pair])])
  if (values.verbose) console.log(measured.stderr)
  if (measured.status !== 0) throw new Error(`millrace ended with ${measured.status}\n${measured.stderr}`)
  const files = await checkResult(lake, job, truth)
  await rm(lake, { recursive: true, force: true })
  return { ...measured, files }
}

const main = async (job: Job): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const kafka = values.kafka ? await startKafka({ heap_mb: 1024 }) : undefined
  try {
    const source = kafka?.bootstrap ?? `embedded:${join(folder, 'topics')}`
    const truth = await produce(job, Number(values.messages ?? job.messages), source, folder)
    const rounds: (Measured & { files: number })[] = []
    for (let i = 0; i < Number(values.rounds); i++) {
      const one = await round(job, source, folder, truth)
      rounds.push(one)
      console.log(
        `round ${i + 1}: ${one.wall_s.toFixed(2)} s wall, ${one.cpu_s.toFixed(1)} CPU-s, ${one.rss_mb_max.toFixed(0)} MB peak RSS, load ${loadavg()[0]!.toFixed(1)}`,
      )
    }
    const wall_s = median(rounds.map((one) => one.wall_s))
    const result = {
      job: job.name,
      source: kafka === undefined ? 'embedded' : 'kafka',
      messages: truth.messages,
      rows: truth.rows,
      wall_s: Number(wall_s.toFixed(2)),
      messages_per_s: Math.round(truth.messages / wall_s),
      mb_per_s: Number((truth.bytes / 1e6 / wall_s).toFixed(1)),
      cpu_s: median(rounds.map((one) => one.cpu_s)),
      rss_mb_max: Math.round(Math.max(...rounds.map((one) => one.rss_mb_max))),
      files: rounds[0]!.files,
      cores: cpus().length,
    }
    console.log(JSON.stringify(result))
    console.log(
      `${result.job} from ${result.source}: ${result.messages_per_s} messages/s, ${result.mb_per_s} MB/s, ${result.cpu_s} CPU-s, peak RSS ${result.rss_mb_max} MB (median of ${rounds.length}, output checked)`,
    )
  } finally {
    await kafka?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

await main(job)
