/** The files of `millrace init NAME`, by path. All of them work as they are. */
export const projectFiles = (
  name: string,
): Readonly<Record<string, { readonly text: string; readonly executable?: true }>> => ({
  'millrace.json': {
    text: `${JSON.stringify(
      { file: 'sql/books.sql', variables: { KAFKA: 'embedded:data/topics', LAKE: 'data/lake' } },
      undefined,
      2,
    )}\n`,
  },
  'package.json': {
    text: `${JSON.stringify(
      {
        name: name.toLowerCase().replace(/[^a-z0-9-]+/g, '-'),
        private: true,
        type: 'module',
        scripts: { start: 'scripts/run.sh', test: 'node --test test/' },
      },
      undefined,
      2,
    )}\n`,
  },
  '.gitignore': { text: 'node_modules/\ndata/*\n!data/.gitkeep\nlogs/*\n!logs/.gitkeep\n.millrace/\n' },
  'README.md': { text: README(name) },
  'sql/books.sql': { text: BOOKS_SQL },
  'conf/kafka.properties': { text: KAFKA_PROPERTIES },
  'data/.gitkeep': { text: '' },
  'logs/.gitkeep': { text: '' },
  'scripts/run.sh': { text: RUN_SH, executable: true },
  'test/books.test.mjs': { text: BOOKS_TEST },
})

const README = (name: string): string => `# ${name}

    npx millrace produce books --topic book_data_topic --count 10000 --bad 1% --duplicates 5%
    scripts/run.sh --once
    npx millrace query 'SELECT date, count(*) AS books FROM raw_books GROUP BY ALL ORDER BY ALL'
    npx millrace dead-letters
    npx millrace verify
    npm test

\`sql/books.sql\` is the pipeline. \`millrace.json\` says which file is meant and fills its \`\${…}\`; \`--set\` and the
environment win over it. \`conf/kafka.properties\` names the brokers that \`scripts/run.sh\` reads from: the topic log in
data/topics until you write \`host:port\` there.
`

const BOOKS_SQL = `-- One row per <book> of each message, every record exactly once, partitioned by day.
CREATE STREAM book_messages (
  record_id         UUID      NOT NULL,
  title             VARCHAR   NOT NULL,
  author_name       VARCHAR   PATH 'author/name',
  author_country    VARCHAR   PATH 'author/country',
  publication_year  INTEGER,
  added             TIMESTAMP NOT NULL,
  CONSTRAINT plausible_year CHECK (publication_year BETWEEN 1450 AND 2100)
)
FROM KAFKA (topic = 'book_data_topic', brokers = '\${KAFKA}', start = 'earliest')
FORMAT XML (row = '/library/book')
ON ERROR DEAD LETTER
DEDUPLICATE BY record_id WITHIN INTERVAL '7 days';

CREATE TABLE raw_books LOCATION '\${LAKE}/raw/books'
  PARTITION BY (date) WITH (compression = 'snappy');

INSERT INTO raw_books
SELECT *, added::DATE AS date FROM book_messages
PARTITION BY date;
`

const KAFKA_PROPERTIES = `# Read by scripts/run.sh. A topic log on this machine, or brokers: host:port,host:port
bootstrap.servers=embedded:data/topics
`

const RUN_SH = `#!/bin/sh
# Runs the pipeline; arguments go to millrace run. Without a terminal, what it says goes to logs/run.log.
set -eu
cd "$(dirname "$0")/.."
KAFKA="\${KAFKA:-$(sed -n 's/^bootstrap\\.servers=//p' conf/kafka.properties)}"
export KAFKA
if [ -t 2 ]; then
  exec \${MILLRACE:-npx millrace} run sql/books.sql "$@"
fi
mkdir -p logs
exec \${MILLRACE:-npx millrace} run sql/books.sql "$@" 2>>logs/run.log
`

const BOOKS_TEST = `// Runs the pipeline on a topic of its own and counts what arrives. MILLRACE may name the command to use.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('..', import.meta.url))
const [command, ...first] = (process.env.MILLRACE ?? 'npx millrace').split(' ')

test('every book arrives once, and a second run adds nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'books-'))
  try {
    const env = { ...process.env, KAFKA: \`embedded:\${join(folder, 'topics')}\`, LAKE: join(folder, 'lake') }
    const millrace = (...args) => execFileSync(command, [...first, ...args], { cwd: project, env, encoding: 'utf8' })
    millrace('produce', 'books', '--topic', 'book_data_topic', '--count', '500', '--duplicates', '5%', '--bad', '2%')
    const count = () => JSON.parse(millrace('query', 'SELECT count(*) AS rows, count(DISTINCT record_id) AS books FROM raw_books', '--format', 'json'))
    millrace('run', '--once')
    const once = count()
    assert.ok(once.rows > 0)
    assert.equal(once.rows, once.books)
    millrace('run', '--once')
    assert.deepEqual(count(), once)
    millrace('verify')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
`
