// npm start: books (some bad, some doubled) into a topic log on disk, through sql/books_raw.sql, into Parquet.
// A fresh folder each time; with -- --follow it goes on from the last one, producing and running until Ctrl-C.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const MESSAGES = 20_000
const FOLLOW_RATE = 2_000
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'apps/cli/bin/millrace.js')
const file = join(root, 'sql/books_raw.sql')
const follow = process.argv.includes('--follow')
const folder = join(root, '.millrace', follow ? 'follow' : 'demo')
const env = { ...process.env, KAFKA: `embedded:${join(folder, 'topics')}`, LAKE: join(folder, 'lake') }

/** Runs a command to its end; with `quiet`, gives what it would have printed. */
const millrace = (args, quiet = false) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: root, env, stdio: quiet ? 'pipe' : 'inherit' })
    let text = ''
    child.stdout?.on('data', (bytes) => (text += bytes))
    child.stderr?.on('data', (bytes) => (text += bytes))
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`millrace ${args[0]} ended with ${code}\n${text}`)),
    )
  })

const say = (text = '') => console.log(text)
const where = (path) => relative(process.cwd(), join(folder, path)) || '.'

const once = async () => {
  rmSync(folder, { recursive: true, force: true })
  say(`Producing ${MESSAGES} messages, 1% of them bad, 5% repeated:`)
  const topic = ['--topic', 'book_data_topic', '--partitions', '4']
  await millrace(['produce', 'books', ...topic, '--count', `${MESSAGES}`, '--bad', '1%', '--duplicates', '5%'])
  say('\nRunning sql/books_raw.sql:')
  await millrace(['run', file, '--once'])
  const [days, rows, deadLetters] = await Promise.all([
    millrace(['query', '-f', file, 'SELECT date, count(*) AS books FROM raw_books GROUP BY date ORDER BY date'], true),
    millrace(['query', '-f', file, 'SELECT title, author_name, publication_year, added FROM raw_books LIMIT 10'], true),
    millrace(
      [
        'query',
        '-f',
        file,
        "SELECT reason.rule, count(*) AS records FROM (SELECT unnest(reasons) AS reason FROM dead_letters('book_messages')) GROUP BY ALL ORDER BY ALL",
      ],
      true,
    ),
  ])
  say(`\nThe table's partitions:\n${days}\nTen rows of it:\n${rows}\nDead letters by reason:\n${deadLetters}`)
  say(`Parquet files    ${where('lake/raw/books')}`)
  say(`Commits, state   ${where('lake/raw/_millrace/raw_books')}`)
  say(`Topic log        ${where('topics')}`)
  say('\nNext: npx millrace --help, npm start -- --follow, npm run demo:kill')
}

const followOn = async () => {
  say('Producing and running until Ctrl-C:')
  process.on('SIGINT', () => {})
  // Another seed each time: the same messages again would all be repeats.
  const seed = `${Date.now() % 1_000_000_000}`
  const shape = ['--bad', '1%', '--duplicates', '5%', '--rate', `${FOLLOW_RATE}`, '--seed', seed]
  const producing = millrace(['produce', 'books', '--topic', 'book_data_topic', ...shape])
  await Promise.all([producing, millrace(['run', file])])
}

try {
  await (follow ? followOn() : once())
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
