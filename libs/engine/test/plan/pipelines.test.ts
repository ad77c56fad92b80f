import { DuckDBInstance } from '@duckdb/node-api'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Program } from '../../src/plan/program.ts'
import { compileText } from './compile-file.ts'

const tests = join(dirname(fileURLToPath(import.meta.url)), '../../../../sql/tests')

const STREAM = `
  CREATE STREAM s (
    id INTEGER NOT NULL, name VARCHAR, code VARCHAR, ts TIMESTAMP, items INTEGER[], u UUID, h HUGEINT
  ) FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
  CREATE SINK out INTO MEMORY; CREATE TABLE t LOCATION 'lake/t';`

const compileAll = async (text: string): Promise<Program> => {
  const { program, diagnostics } = await compileText(text, join(tests, 'main.sql'), tests)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return program!
}

const compileSelect = (select: string, target = 'out') => compileAll(`${STREAM} INSERT INTO ${target} ${select};`)

/** Runs the outputs as a session would, with the configuration locked, over relations that are ordinary tables. */
const runOutput = async (program: Program, rows: readonly string[]): Promise<readonly unknown[][]> => {
  const [plan] = program.pipelines
  const [stream] = plan!.streams
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const columns = stream!.columns.map(({ name, type }) => `"${name}" ${type}`)
  const metadata = stream!.metadata.map((name) => `"${name}" BIGINT`)
  await connection.run(`CREATE TEMP TABLE "s" (${[...columns, ...metadata].join(', ')})`)
  for (const row of rows) await connection.run(`INSERT INTO s BY NAME ${row}`)
  await connection.run('SET lock_configuration = true')
  await connection.run("SET VARIABLE millrace_batch_time = TIMESTAMPTZ '2024-06-01 12:00:00+00'")
  for (const { name, sql } of plan!.views) await connection.run(`CREATE TEMP VIEW "${name}" AS ${sql}`)
  const reader = await connection.runAndReadAll(plan!.outputs[0]!.sql)
  const result = reader.getRowsJson() as unknown[][]
  connection.closeSync()
  return result
}

const ROW = "SELECT 1 AS id, 'n' AS name, 'DE' AS code, TIMESTAMP '2024-05-31 10:00:00' AS ts, [1, 2] AS items"

describe('what runs over a stream', () => {
  it('names a join that it refuses as English does', async () => {
    const select = `SELECT c.code FROM 'data/countries.csv' c ANTI JOIN s ON s.name = c.code`
    const { diagnostics } = await compileText(`${STREAM} INSERT INTO t ${select};`, join(tests, 'main.sql'), tests)
    expect(diagnostics[0]?.message).toMatch(
      /^an (?:RIGHT )?ANTI join that keeps rows of the static side over a stream/i,
    )
  })

  const CASES: readonly (readonly [select: string, wanted: readonly (readonly unknown[])[]])[] = [
    ['SELECT id, upper(name) AS n FROM s WHERE id > 0', [[1, 'N']]],
    ['SELECT unnest(items) AS i FROM s', [[1], [2]]],
    ['SELECT x.i FROM s, unnest(s.items) AS x(i)', [[1], [2]]],
    ['SELECT id, (SELECT sum(i)::INTEGER FROM unnest(s.items) AS x(i)) AS total FROM s', [[1, 3]]],
    ['SELECT list_sum([x + 1 FOR x IN items])::INTEGER AS n FROM s', [[5]]],
    ['SELECT id FROM s UNION ALL SELECT id + 1 FROM s', [[1], [2]]],
    ['WITH a AS (SELECT * FROM s) SELECT id FROM a', [[1]]],
    ["SELECT s.id, c.country FROM s LEFT JOIN 'data/countries.csv' AS c USING (code)", [[1, 'Germany']]],
    ["SELECT id FROM s WHERE code IN (SELECT code FROM read_csv('data/countries.csv', header = true))", [[1]]],
    ["SELECT id, (SELECT count(*) FROM 'data/countries.csv')::INTEGER AS n FROM s", [[1, 2]]],
    ["SELECT countries.country FROM 'data/countries.csv' RIGHT JOIN s ON s.code = countries.code", [['Germany']]],
    [
      'SELECT now() AS a, current_date AS b, today() AS c FROM s',
      [['2024-06-01 12:00:00+00', '2024-06-01', '2024-06-01']],
    ],
    ['SELECT current_timestamp, localtimestamp FROM s', [['2024-06-01 12:00:00+00', '2024-06-01 12:00:00']]],
    ['SELECT age(ts)::VARCHAR AS a FROM s WHERE ts < now()::TIMESTAMP', [['14:00:00']]],
    [
      'SELECT 9007199254740993 AS a, 1e3 / 3 > 333.3 AS b, typeof(1.5e3) AS c FROM s',
      [['9007199254740993', true, 'DOUBLE']],
    ],
  ]
  for (const [select, wanted] of CASES) {
    it(select, async () => expect(await runOutput(await compileSelect(select), [ROW])).toEqual(wanted))
  }

  it('keeps the name that an unnamed now() has in DuckDB', async () => {
    const program = await compileSelect('SELECT now(), current_timestamp, localtimestamp FROM s')
    expect(program.pipelines[0]!.outputs[0]!.columns.map(({ name }) => name)).toEqual([
      'now()',
      'current_timestamp',
      'localtimestamp',
    ])
  })

  it('shows metadata columns where they are named and never in a star', async () => {
    const row = `${ROW}, 7 AS _offset, 0 AS _partition`
    const program = await compileSelect(
      'SELECT a.* EXCLUDE (ts, items, u, h), _offset AS o FROM s AS a WHERE _partition = 0',
    )
    expect(program.pipelines[0]!.streams[0]!.metadata).toEqual(['_partition', '_offset'])
    expect(await runOutput(program, [row])).toEqual([[1, 'n', 'DE', '7']])
  })

  it('reads through streams that are SELECTs, decoding what is used in the end', async () => {
    const program = await compileAll(
      `${STREAM} CREATE STREAM v AS SELECT *, ts::DATE AS day FROM s; CREATE STREAM w AS SELECT day, code FROM v;
       INSERT INTO out SELECT day FROM w;`,
    )
    expect(program.pipelines[0]!.views.map(({ name }) => name)).toEqual(['v', 'w'])
    expect(program.pipelines[0]!.streams[0]!.decode.columns.map(({ name }) => name)).toEqual(['id', 'ts'])
    expect(await runOutput(program, [ROW])).toEqual([['2024-05-31']])
  })

  it('lets static files in by their absolute paths', async () => {
    const program = await compileSelect("SELECT id FROM s SEMI JOIN './data/../data/countries.csv' USING (code)")
    expect(program.pipelines[0]!.staticFiles).toEqual([join(tests, 'data/countries.csv')])
  })

  it('warns of random()', async () => {
    const { warnings } = await compileSelect('SELECT random() AS r FROM s')
    expect(warnings.map(({ code, severity }) => [code, severity])).toEqual([['ENG_SQL_RANDOM', 'warning']])
  })
})

describe('what a table keeps', () => {
  it('stores types that other readers have', async () => {
    const program = await compileSelect(
      "SELECT u, h, ts, {'t': ts, 'u': [u]} AS n, 1::UBIGINT AS b, 'a'::ENUM('a') AS e FROM s",
      't',
    )
    const [output] = program.pipelines[0]!.outputs
    const stored = output!.columns.map(({ storedType }) => storedType)
    const instant = 'TIMESTAMP WITH TIME ZONE'
    expect(stored).toEqual([
      'VARCHAR',
      'DECIMAL(38,0)',
      instant,
      `STRUCT("t" ${instant}, "u" VARCHAR[])`,
      'DECIMAL(20,0)',
      'VARCHAR',
    ])
    const [row] = await runOutput(program, [
      `${ROW}, 5::HUGEINT AS h, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS u`,
    ])
    expect(row!.slice(0, 3)).toEqual(['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '5', '2024-05-31 10:00:00+00'])
  })
})

describe('pipelines', () => {
  const S2 = `CREATE STREAM s2 (id INTEGER)
    FROM KAFKA (topic = 'u', brokers = 'h1:9092, h2:9092', "group" = 'g') FORMAT JSON;`
  const U = "CREATE TABLE u LOCATION 'file:///lake/u';"

  it('are INSERTs that share a stream, named after the first target', async () => {
    const program = await compileAll(
      `${STREAM}${S2}${U} INSERT INTO t SELECT id FROM s EVERY INTERVAL '10 seconds';
       INSERT INTO u SELECT id FROM s2; INSERT INTO out SELECT name FROM s;`,
    )
    const summary = program.pipelines.map(({ pipeline, outputs, trigger }) => [
      pipeline,
      outputs.map(({ target }) => target.name),
      trigger.kind,
    ])
    expect(summary).toEqual([
      ['t', ['t', 'out'], 'every'],
      ['u', ['u'], 'asap'],
    ])
    expect(program.pipelines[1]!.streams[0]!.source).toMatchObject({
      brokers: ['h1:9092', 'h2:9092'],
      group: 'g',
      clientId: 'millrace',
    })
    expect(program.pipelines[0]!.outputs[0]!.target).toMatchObject({ location: join(tests, 'lake/t') })
    expect(program.pipelines[1]!.outputs[0]!.target).toMatchObject({ location: 'file:///lake/u' })
  })

  it('take the limits of SET', async () => {
    const program = await compileAll(
      `SET batch_rows_max = 5; SET memory_limit = '128MiB'; ${STREAM} INSERT INTO t SELECT id FROM s;`,
    )
    expect(program.pipelines[0]!.limits).toMatchObject({ batch_rows_max: 5, memory_limit_bytes: 128 * 1024 * 1024 })
  })

  const print = async (text: string) => (await compileAll(text)).pipelines[0]!.fingerprint

  it('have a fingerprint that knows meaning from spelling and place', async () => {
    const first = await print(`${STREAM} INSERT INTO t SELECT id, name FROM s;`)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await print(`${STREAM}\n-- a comment\nINSERT INTO t\n  SELECT id, /* again */ name FROM s;`)).toBe(first)
    expect(
      await print(
        `${STREAM.replace('lake/t', 'other/t').replace('embedded:topics', 'h:9092')}
         INSERT INTO t SELECT id, name FROM s;`,
      ),
    ).toBe(first)
    expect(await print(`${STREAM} SET batch_rows_max = 5; INSERT INTO t SELECT id, name FROM s;`)).toBe(first)
    expect(await print(`${STREAM} INSERT INTO t SELECT id, name || '' AS name FROM s;`)).not.toBe(first)
    expect(
      await print(`${STREAM.replace("topic = 't'", "topic = 'v'")} INSERT INTO t SELECT id, name FROM s;`),
    ).not.toBe(first)
    expect(await print(`${STREAM} INSERT INTO t SELECT id, name FROM s PARTITION BY id;`)).not.toBe(first)
  })
})

describe('mistakes', () => {
  it('are reported once: what refers to a broken definition is not reported as well', async () => {
    const stream = (column: string) =>
      `CREATE STREAM x (${column}) FROM KAFKA (topic = 't', brokers = 'embedded:t') FORMAT JSON;`
    const rest =
      'CREATE STREAM y AS SELECT * FROM x; INSERT INTO t SELECT * FROM y; DESCRIBE x; INSERT INTO t SELECT nope FROM s;'
    for (const [column, code] of [
      ['id WUMPUS', 'ENG_SQL_TYPE'],
      ['id INTEGER PATH 5', 'ENG_SQL_SYNTAX'],
    ] as const) {
      const { program, diagnostics } = await compileText(`${STREAM}${stream(column)}${rest}`, 'main.sql', tests)
      expect(program).toBeUndefined()
      expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code, 'ENG_SQL_COLUMN_UNKNOWN'])
    }
  })
})

describe('IMPORT', () => {
  it('takes definitions, not INSERTs, and each file once', async () => {
    const program = await compileAll(
      `IMPORT 'data/definitions.sql'; IMPORT './data/definitions.sql';
       INSERT INTO imported_table SELECT id FROM imported;`,
    )
    expect(program.pipelines.map(({ pipeline }) => pipeline)).toEqual(['imported_table'])
    expect(program.streams.map(({ name }) => name)).toEqual(['imported'])
  })
})
