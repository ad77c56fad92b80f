// npm run demo:kill: the run process is killed with SIGKILL again and again while messages come in; then the commit log
// is verified and the table compared with what the generator says is true.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tsImport } from 'tsx/esm/api'

const MESSAGES = 60_000
const RATE = 5_000
const KILLS = 12
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'apps/cli/bin/millrace.js')
const file = join(root, 'sql/books_raw.sql')
const folder = join(root, '.millrace/demo-kill')
const env = { ...process.env, KAFKA: `embedded:${join(folder, 'topics')}`, LAKE: join(folder, 'lake') }

const start = (args, stdio) => spawn(process.execPath, [bin, ...args], { cwd: root, env, stdio })
const ended = (child) => new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
const finish = async (args, stdio = 'inherit') => {
  const child = start(args, stdio)
  let text = ''
  child.stdout?.on('data', (bytes) => (text += bytes))
  const status = await ended(child)
  if (status !== 0) throw new Error(`millrace ${args.join(' ')} ended with ${status}`)
  return text
}

const truth = async () => {
  const { books } = await tsImport('../libs/testkit/src/generators/index.ts', import.meta.url)
  const ids = new Set()
  let left = MESSAGES
  for (const { truth: facts } of books({ seed: SEED, bad: 0.01, duplicates: 0.05 })) {
    for (const { record_id } of facts.valid) ids.add(record_id)
    if (--left === 0) return ids.size
  }
}

/** Every other run dies at any moment of its start, the rest once they have committed something. */
const killing = async () => {
  for (let kill = 1; kill <= KILLS; kill++) {
    const child = start(['run', file], ['ignore', 'ignore', 'pipe'])
    const gone = ended(child)
    let commits = 0
    const committed = new Promise((resolve) =>
      child.stderr.on('data', (bytes) => {
        commits += String(bytes).match(/ {2}v\d+ {2}/g)?.length ?? 0
        if (commits > 0) resolve()
      }),
    )
    if (kill % 2 === 0) await Promise.race([committed, sleep(10_000), gone])
    await sleep(Math.random() * (kill % 2 === 0 ? 1_000 : 2_000))
    child.kill('SIGKILL')
    await gone
    console.log(`kill -9 ${child.pid}  (${kill} of ${KILLS}, after ${commits} commits)`)
  }
}

rmSync(folder, { recursive: true, force: true })
console.log(`Seed ${SEED}; again with SEED=${SEED} npm run demo:kill`)
const shape = ['--count', `${MESSAGES}`, '--rate', `${RATE}`, '--bad', '1%', '--duplicates', '5%', '--seed', `${SEED}`]
await Promise.all([finish(['produce', 'books', '--topic', 'book_data_topic', ...shape]), killing()])
console.log('\nNow without being killed:')
await finish(['run', file, '--once'])
await finish(['verify', file])
const counted = JSON.parse(
  await finish(
    [
      'query',
      '-f',
      file,
      'SELECT count(*) AS rows, count(DISTINCT record_id) AS books FROM raw_books',
      '--format',
      'json',
    ],
    ['ignore', 'pipe', 'inherit'],
  ),
)
const expected = await truth()
const exact = counted.rows === expected && counted.books === expected
console.log(
  `${counted.rows} rows, ${counted.books} different books, ${expected} expected: ${exact ? 'exactly once' : 'WRONG'}`,
)
process.exitCode = exact ? 0 : 1
