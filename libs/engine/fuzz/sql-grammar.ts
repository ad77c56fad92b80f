import type { SeededRandom } from '@millrace/testkit/generators/random.ts'

/** A statement of the language, at random, mostly right: what is wrong in it is what the parts make of each other. */
export const randomStatement = (random: SeededRandom): string => {
  const make = random.pick([stream, stream, table, insert, insert, job, view, sink, small])
  return make(random)
}

const maybe = (random: SeededRandom, text: string, chance = 0.4): string => (random.next() < chance ? ` ${text}` : '')

const NAMES = [
  'a',
  'b',
  'record_id',
  '"Quoted name"',
  '"q""q"',
  'emit',
  'late',
  'every',
  'Größe',
  'date',
  'x$y',
  'path',
]
const name = (random: SeededRandom): string => random.pick(NAMES)
const names = (random: SeededRandom): string =>
  Array.from({ length: 1 + random.below(3) }, () => name(random)).join(', ')

const TYPES = [
  'VARCHAR',
  'DECIMAL(10, 2)',
  'STRUCT(a INT, b VARCHAR[])',
  'TIMESTAMP WITH TIME ZONE',
  'INT[]',
  'MAP(INT, INT)',
]
const INTERVALS = ["INTERVAL '7 days'", 'INTERVAL 5 MINUTES', "INTERVAL '1 hour 30 minutes'", "INTERVAL '5' SECOND"]
const interval = (random: SeededRandom): string => random.pick(INTERVALS)

const EXPRESSIONS = [
  'a + 1',
  "upper(b) || 'x;y'",
  'CASE WHEN a IS NOT NULL THEN 1 ELSE 2 END',
  "$$it's$$",
  "e'\\'\\n'",
  "'${A:-b}'",
  "'$${x}'",
  'x BETWEEN 1 AND 2',
  "a::DATE - INTERVAL '1 month'",
  'list_transform([1, 2], x -> x + 1)',
  '${N:-5}',
]
const expression = (random: SeededRandom): string => random.pick(EXPRESSIONS)

const SELECTS = [
  'SELECT * FROM s',
  'SELECT a, emit FROM s late',
  'WITH x AS (SELECT 1) SELECT * FROM x ORDER BY ALL',
  'FROM s SELECT a, b',
  'SELECT row_number() OVER (PARTITION BY a ORDER BY b) AS n FROM s',
  'SELECT emit final, every FROM s',
  "SELECT unnest([1, 2]) AS date, 'PARTITION BY x' /* EMIT FINAL */ FROM ${TABLE}",
  'SELECT a FROM s UNION ALL SELECT b FROM t WHERE a * 2 > 1',
]
const select = (random: SeededRandom): string => random.pick(SELECTS)

const column = (random: SeededRandom): string => {
  const start = `${name(random)} ${random.pick(TYPES)}`
  if (random.next() < 0.1) return `NESTED PATH 'x/y' COLUMNS (${column(random)}, c VARCHAR PATH '@c')`
  if (random.next() < 0.15) return `${start} AS (${expression(random)})${maybe(random, 'NOT NULL')}`
  const parts = [
    maybe(random, 'NOT NULL'),
    maybe(random, "PATH 'author/name'"),
    maybe(random, "FORMAT '%d/%m/%Y'", 0.2),
    maybe(random, `DEFAULT ${expression(random)}`, 0.2),
  ]
  return start + parts.join('')
}

const constraint = (random: SeededRandom): string => {
  const action = random.pick(['FAIL', 'DROP ROW', 'NULL', 'DEAD LETTER', 'WARN'])
  const given = maybe(random, `CONSTRAINT ${name(random)}`)
  return `${given} CHECK (${expression(random)})${maybe(random, `ON VIOLATION ${action}`)}`
}

const stream = (random: SeededRandom): string => {
  const entries = Array.from({ length: 1 + random.below(4) }, () => column(random))
  if (random.next() < 0.4) entries.push(constraint(random))
  if (random.next() < 0.3)
    entries.push(`WATERMARK FOR a AS a - ${interval(random)}${maybe(random, `IDLE AFTER ${interval(random)}`)}`)
  const list = maybe(random, `(${entries.join(', ')})`, 0.9)
  const onError = maybe(random, `ON ERROR ${random.pick(['DEAD LETTER', 'FAIL', 'DROP', 'NULL'])}`)
  const dedup = maybe(
    random,
    `DEDUPLICATE BY ${random.pick([names(random), `(${names(random)})`])} WITHIN ${interval(random)}`,
  )
  const format = random.pick(['JSON', "JSON (row = '$.items[*]')", "XML (row = '/a/b', trim = false)"])
  const source = `FROM KAFKA (topic = 't', brokers = '\${KAFKA:-embedded:x}'${maybe(random, ", start = 'latest'")})`
  const limit = maybe(random, `REJECT LIMIT 1.5 PERCENT PER ${interval(random)}`)
  const start = `CREATE${maybe(random, 'OR REPLACE')} STREAM ${name(random)}${list}`
  return `${start} ${source} FORMAT ${format}${onError}${limit}${dedup}`
}

const table = (random: SeededRandom): string =>
  [
    `CREATE TABLE ${name(random)}`,
    maybe(random, `(${name(random)} ${random.pick(TYPES)}${maybe(random, 'NOT NULL')})`),
    " LOCATION '${LAKE}/x'",
    maybe(random, `PARTITION BY (${names(random)})`),
    maybe(random, `KEY (${names(random)})`),
    maybe(random, `RETAIN ${interval(random)}`),
    maybe(random, "WITH (compression = 'zstd', target_file_size = 1000)"),
  ].join('')

const insert = (random: SeededRandom): string =>
  `INSERT${maybe(random, random.pick(['OR IGNORE', 'OR REPLACE']), 0.2)} INTO ${name(random)} ${select(random)}` +
  maybe(random, `PARTITION BY ${names(random)}`) +
  maybe(random, `EMIT ${random.pick(['FINAL', 'CHANGES', 'ALL'])}`) +
  maybe(random, `LATE ${random.pick(['DROP', 'DEAD LETTER', 'INTO x'])}`) +
  maybe(random, `ALLOW LATENESS ${interval(random)}`) +
  maybe(random, `EVERY ${interval(random)}`)

const job = (random: SeededRandom): string =>
  `CREATE JOB ${name(random)}${maybe(random, "SCHEDULE '0 * * * *'")}${maybe(random, 'SKIP MISSED')}` +
  `${maybe(random, `DEPENDS ON ${names(random)}`)}${maybe(random, `TIMEOUT ${interval(random)}`)} AS ${insert(random)}`

const view = (random: SeededRandom): string => `CREATE STREAM ${name(random)} AS ${select(random)}`
const sink = (random: SeededRandom): string =>
  `CREATE SINK ${name(random)} INTO CONSOLE${maybe(random, '(rows_max = 5)')}${maybe(random, `KEY (${names(random)})`)}`
const small = (random: SeededRandom): string =>
  random.pick([
    "IMPORT 'x.sql'",
    "SET batch_bytes_max = '1MB'",
    'SHOW STREAMS',
    'SHOW DEAD LETTERS OF s',
    `EXPLAIN (AST) ${select(random)}`,
    'DESCRIBE "x"',
    select(random),
  ])
