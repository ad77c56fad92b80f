import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import type { StreamPlan } from '../../src/plan/consumption-plan.ts'
import { compileText } from './compile-file.ts'

const compileStream = async (columns: string, tail = '', select = '*'): Promise<StreamPlan> => {
  const text = `CREATE STREAM s (${columns}) FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ${tail};
    CREATE SINK out INTO MEMORY; INSERT INTO out SELECT ${select} FROM s;`
  const { program, diagnostics } = await compileText(text, 'typed.sql', '/data')
  expect(diagnostics).toEqual([])
  return program!.pipelines[0]!.streams[0]!
}

type Row = Record<string, unknown>

/** Runs typedSql over an ordinary table in place of the arena; texts are given by the stream's column names. */
const run = async (plan: StreamPlan, rows: readonly Row[]): Promise<readonly Row[]> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  await connection.run("SET VARIABLE millrace_batch_time = TIMESTAMPTZ '2024-06-01 12:00:00+00'")
  const texts = plan.decode.columns.map(({ index }) => `"c${index}" VARCHAR`)
  const metadata = plan.metadata.map((name) => `"${name}" BIGINT`)
  await connection.run(`CREATE TABLE "__arena_s" (${['"__row" UBIGINT', ...texts, ...metadata].join(', ')})`)
  for (const [ordinal, row] of rows.entries()) {
    const values = plan.decode.columns.map(({ name }) => (row[name] as string | undefined) ?? null)
    const all = [ordinal, ...values, ...plan.metadata.map((name) => row[name] as number)]
    await connection.run(`INSERT INTO "__arena_s" VALUES (${all.map((_, i) => `$${i + 1}`).join(', ')})`, all)
  }
  const names = plan.columns.map(({ name }) => `"${name}"::VARCHAR AS "${name}"`)
  const masks = [...new Set(plan.faults.map((_, bit) => `"__faults${Math.floor(bit / 64)}"`))]
  const items = [...names, ...(masks.length > 0 ? masks : ['"__faults0"'])].join(', ')
  const sql = `SELECT ${items} FROM (${plan.typedSql}) ORDER BY "__row"`
  const reader = await connection.runAndReadAll(sql)
  const result = reader.getRowObjects()
  connection.closeSync()
  return result.map((row) => ({ ...row, struck: struck(plan, row) }))
}

/** The rules whose bits are set, as `column or constraint: rule`. */
const struck = (plan: StreamPlan, row: Row): readonly string[] =>
  plan.faults.flatMap(({ rule, column, constraint }, bit) => {
    const mask = row[`__faults${Math.floor(bit / 64)}`] as bigint
    return (mask >> BigInt(bit % 64)) & 1n ? [`${constraint ?? column}: ${rule}`] : []
  })

const CAST = 'v: ENG_DATA_CAST'

const VALUES: readonly (readonly [type: string, text: string, wanted: string | null])[] = [
  ['INTEGER', '12', '12'],
  ['INTEGER', '-12', '-12'],
  ['INTEGER', '+5', '5'],
  ['INTEGER', '1.5', null],
  ['INTEGER', '-1.5', null],
  ['INTEGER', '.5', null],
  ['INTEGER', '2.0', '2'],
  ['INTEGER', '1e3', '1000'],
  ['INTEGER', '15e-1', null],
  ['INTEGER', '1e-12', null],
  ['INTEGER', '0.00000000001', null],
  ['INTEGER', '2147483648', null],
  ['INTEGER', 'x', null],
  ['INTEGER', '', null],
  ['BIGINT', '9007199254740993', '9007199254740993'],
  ['BIGINT', '9007199254740993.0', '9007199254740993'],
  ['BIGINT', '9007199254740993.5', null],
  ['HUGEINT', '-170141183460469231731687303715884105727', '-170141183460469231731687303715884105727'],
  ['UTINYINT', '-1', null],
  ['DOUBLE', '1.5', '1.5'],
  ['DECIMAL(5,2)', '123.45', '123.45'],
  ['DECIMAL(5,2)', '1234.5', null],
  ['BOOLEAN', 'true', 'true'],
  ['BOOLEAN', 'no', 'false'],
  ['BOOLEAN', '2', null],
  ['UUID', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['UUID', 'nope', null],
  ['DATE', '2024-02-29', '2024-02-29'],
  ['DATE', '2023-02-29', null],
  ['TIMESTAMP', '2024-01-02T03:04:05Z', '2024-01-02 03:04:05'],
  ['TIMESTAMP', '2024-01-02T03:04:05+02:00', '2024-01-02 01:04:05'],
  ['TIMESTAMP', '2024-01-02T03:04:05.123456-0130', '2024-01-02 04:34:05.123456'],
  ['TIMESTAMP', '2024-01-02 03:04:05', '2024-01-02 03:04:05'],
  ['TIMESTAMP', '2024-01-02 03:04:05 Europe/Paris', '2024-01-02 02:04:05'],
  ['TIMESTAMP', '2024-13-02', null],
  ['TIMESTAMP', 'infinity', null],
  ['TIMESTAMPTZ', '2024-01-02T03:04:05+02:00', '2024-01-02 01:04:05+00'],
  ['TIMESTAMP_MS', '2024-01-02T03:04:05.123+02:00', '2024-01-02 01:04:05.123'],
  ["DATE FORMAT '%d/%m/%Y'", '31/12/2024', '2024-12-31'],
  ["DATE FORMAT '%d/%m/%Y'", '2024-12-31', null],
  ["TIMESTAMP FORMAT '%Y-%m-%d %H:%M %z'", '2024-01-02 03:04 +0200', '2024-01-02 01:04:00'],
  ["ENUM('a','b')", 'b', 'b'],
  ["ENUM('a','b')", 'c', null],
  ['VARCHAR', '  kept ', '  kept '],
  ['VARCHAR', '', ''],
  ['BLOB', '\\xAA', '\\x5CxAA'],
  ['JSON', '{"a":1}', '{"a":1}'],
  ['JSON', '{"a":', null],
  ['INTEGER[]', '[1,2]', '[1, 2]'],
  ['INTEGER[]', '[1,"x"]', null],
  ['VARCHAR[]', '["x","y, z"]', "[x, 'y, z']"],
  ['STRUCT(a INTEGER, b VARCHAR)', '{"a":1,"b":"x","c":true}', "{'a': 1, 'b': x}"],
  ['STRUCT(a INTEGER, b VARCHAR)', '{"a":"one","b":"x"}', null],
  ['STRUCT(a INTEGER, b VARCHAR)', '{"a":1}', null],
  ['STRUCT(a INTEGER[])[]', '[{"a":[1,2]}]', "[{'a': [1, 2]}]"],
  ['MAP(VARCHAR, INTEGER)', '{"k":1}', '{k=1}'],
  ['MAP(VARCHAR, INTEGER)', '{"k":"z"}', null],
]

describe('the text of a column becomes its type, or a fault', () => {
  for (const [type, text, wanted] of VALUES) {
    it(`${type} of ${JSON.stringify(text)} is ${wanted === null ? 'a fault' : wanted}`, async () => {
      const [row] = await run(await compileStream(`v ${type}`), [{ v: text }])
      expect(row?.['v']).toBe(wanted)
      expect(row?.['struck']).toEqual(wanted === null ? [CAST] : [])
    })
  }

  it('takes no text for NULL, which is no fault where NULL is allowed', async () => {
    const [row] = await run(await compileStream('v INTEGER'), [{}])
    expect(row).toMatchObject({ v: null, struck: [] })
  })
})

describe('faults', () => {
  it('names each broken rule of a row once: a value that cannot be read is not NOT NULL, too', async () => {
    const plan = await compileStream(
      'a INTEGER NOT NULL, b DATE NOT NULL, CONSTRAINT c CHECK (a > 0 AND b IS NOT NULL)',
    )
    const rows = await run(plan, [
      { a: '1', b: '2024-01-01' },
      { a: 'x' },
      {},
      { a: '-1', b: 'y' },
      { a: '-1', b: '2024-01-01' },
    ])
    expect(rows.map((row) => row['struck'])).toEqual([
      [],
      ['a: ENG_DATA_CAST', 'b: ENG_DATA_NOT_NULL'],
      ['a: ENG_DATA_NOT_NULL', 'b: ENG_DATA_NOT_NULL', 'c: ENG_DATA_CHECK'],
      ['b: ENG_DATA_CAST'],
      ['c: ENG_DATA_CHECK'],
    ])
  })

  it('lets a CHECK pass that is NULL, as in SQL, and counts one that stops as violated', async () => {
    const plan = await compileStream(
      'a INTEGER, t VARCHAR, CONSTRAINT c CHECK (a > 0), CONSTRAINT d CHECK (t::INTEGER > 0)',
    )
    const rows = await run(plan, [{}, { t: 'five' }, { t: '5' }])
    expect(rows.map((row) => row['struck'])).toEqual([[], ['d: ENG_DATA_CHECK'], []])
  })

  it('reads the batch’s time in CHECKs and generated columns', async () => {
    const plan = await compileStream('"at" TIMESTAMP, CONSTRAINT c CHECK ("at" <= now()), seen DATE AS (current_date)')
    const rows = await run(plan, [{ at: '2024-06-01T11:59:59Z' }, { at: '2024-06-01T12:00:01Z' }])
    expect(rows.map((row) => [row['seen'], row['struck']])).toEqual([
      ['2024-06-01', []],
      ['2024-06-01', ['c: ENG_DATA_CHECK']],
    ])
  })

  it('keeps more than 64 rules apart', async () => {
    const columns = Array.from({ length: 70 }, (_, index) => `x${index} INTEGER`).join(', ')
    const rows = await run(await compileStream(columns), [{ x0: 'a', x63: 'b', x64: 'c', x69: 'd' }])
    expect(rows[0]?.['struck']).toEqual(['x0', 'x63', 'x64', 'x69'].map((name) => `${name}: ENG_DATA_CAST`))
  })

  it('gives each rule the action of its policy', async () => {
    const actions = async (tail: string, constraint = '') => {
      const plan = await compileStream(`a INTEGER, b INTEGER NOT NULL, CHECK (a > 0) ${constraint}`, tail)
      return plan.faults.map(({ action }) => action)
    }
    expect(await actions('')).toEqual(Array(4).fill('dead_letter'))
    expect(await actions('ON ERROR FAIL')).toEqual(Array(4).fill('fail'))
    expect(await actions('ON ERROR DROP')).toEqual(Array(4).fill('drop'))
    expect(await actions('ON ERROR NULL')).toEqual(['null', 'dead_letter', 'dead_letter', 'dead_letter'])
    expect(await actions('', 'ON VIOLATION WARN')).toEqual(['dead_letter', 'dead_letter', 'dead_letter', 'warn'])
  })

  it('empties the column of a CHECK … ON VIOLATION NULL, and says so', async () => {
    const plan = await compileStream('a INTEGER, CONSTRAINT c CHECK (a > 0) ON VIOLATION NULL')
    const rows = await run(plan, [{ a: '-1' }, { a: '1' }])
    expect(rows).toMatchObject([
      { a: null, struck: ['c: ENG_DATA_CHECK'] },
      { a: '1', struck: [] },
    ])
    expect(plan.faults.map(({ action }) => action)).toEqual(['dead_letter', 'null'])
  })
})

describe('defaults and generated columns', () => {
  it('fills a default in for no text only, and lets it meet NOT NULL', async () => {
    const rows = await run(await compileStream('v INTEGER NOT NULL DEFAULT 7, d DATE DEFAULT current_date'), [
      {},
      { v: 'x' },
      { v: '1' },
    ])
    expect(rows.map((row) => [row['v'], row['d'], row['struck']])).toEqual([
      ['7', '2024-06-01', []],
      [null, '2024-06-01', [CAST]],
      ['1', '2024-06-01', []],
    ])
  })

  it('computes generated columns from each other in any order', async () => {
    const plan = await compileStream('z INTEGER AS (s.y * 2), a INTEGER, y INTEGER AS (a + 1), c0 VARCHAR')
    expect(await run(plan, [{ a: '1', c0: 'mine' }])).toMatchObject([
      { z: '4', a: '1', y: '2', c0: 'mine', struck: [] },
    ])
  })

  it('reports an expression that stops, but not one whose input could not be read', async () => {
    const plan = await compileStream('t VARCHAR, n INTEGER AS (t::INTEGER), a INTEGER, b INTEGER AS (a + 1) NOT NULL')
    const rows = await run(plan, [{ t: 'x', a: '1' }, { t: '1', a: 'x' }, { t: '1' }])
    expect(rows.map((row) => row['struck'])).toEqual([
      ['n: ENG_DATA_CAST'],
      ['a: ENG_DATA_CAST'],
      ['b: ENG_DATA_NOT_NULL'],
    ])
  })
})

describe('pushdown', () => {
  it('decodes what is used or validated, and nothing else', async () => {
    const columns =
      'a INTEGER, b INTEGER NOT NULL, c INTEGER, d INTEGER, e INTEGER AS (d + 1), f INTEGER, CHECK (c > 0)'
    const plan = await compileStream(columns, 'DEDUPLICATE BY f WITHIN INTERVAL 1 DAY'.replace('1 DAY', "'1 day'"), 'e')
    expect(plan.decode.columns.map(({ name }) => name)).toEqual(['b', 'c', 'd', 'f'])
    expect(plan.columns.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    const rows = await run(plan, [{ b: '1', c: '1', d: '1', f: '1' }])
    expect(rows).toMatchObject([{ a: null, e: '2', struck: [] }])
  })

  it('looks through sub-selects, and knows metadata that only a CHECK uses', async () => {
    const plan = await compileStream(
      'a INTEGER, b INTEGER, CHECK (_offset >= 0)',
      '',
      'q.b FROM (SELECT * FROM s) q --',
    )
    expect(plan.decode.columns.map(({ name }) => name)).toEqual(['b'])
    expect(plan.metadata).toEqual(['_offset'])
    expect(await run(plan, [{ b: '1', _offset: -1 }])).toMatchObject([{ struck: ['check_1: ENG_DATA_CHECK'] }])
  })
})
