import { rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Project } from '../support.ts'

const TEXTS = ['', null, '../x', 'a/b=c%', '~empty', 'null', `${'ü'.repeat(300)}!`]
const SQL = `CREATE STREAM s (id INTEGER, p VARCHAR, happened TIMESTAMP)
FROM KAFKA (topic = 's', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t' PARTITION BY (p);
INSERT INTO t SELECT * FROM s;`

describe('what a query gives', () => {
  const project = new Project({ TZ: 'America/New_York' })
  afterAll(() => project.remove())
  beforeAll(async () => {
    writeFileSync(project.path('s.sql'), SQL)
    const lines = TEXTS.map((p, id) => JSON.stringify({ id, p, happened: '2024-07-01T00:00:00Z' })).join('\n')
    const args = ['produce', '-', '--topic', 's', '--brokers', 'embedded:topics']
    await project.start(args, { input: `${lines}\n` }).ended
    await project.ok('run', 's.sql', '--once')
  })

  const rows = async (sql: string) =>
    (await project.ok('query', sql, '-f', 's.sql', '--format', 'json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('is the true value of a partition column, however its path is written', async () => {
    expect((await rows('SELECT p FROM t ORDER BY id')).map(({ p }) => p)).toEqual(TEXTS)
    expect(await rows("SELECT id FROM t WHERE p = ''")).toEqual([{ id: 0 }])
  })

  it('is a time in UTC, whatever the zone of the machine', async () => {
    expect(await rows('SELECT happened FROM t LIMIT 1')).toEqual([{ happened: '2024-07-01 00:00:00+00' }])
  })

  it('is a time in UTC in a console too', async () => {
    const sql = SQL.replace(/CREATE TABLE.*/, 'CREATE SINK c INTO CONSOLE;').replace(
      'INTO t SELECT *',
      'INTO c SELECT happened::TIMESTAMPTZ AS z',
    )
    writeFileSync(project.path('console.sql'), sql)
    expect(await project.ok('run', 'console.sql', '--once', '--state', 'state')).toContain('2024-07-01 00:00:00+00')
  })

  it('is an error without an empty hint where DuckDB has none', async () => {
    const { code, stderr } = await project.run('query', 'selec 1', '-f', 's.sql')
    expect(code).toBe(1)
    expect(stderr).not.toMatch(/hint:\s*$/m)
  })

  it('is an error that points at verify when committed files are gone', async () => {
    rmSync(project.path('lake/t'), { recursive: true })
    const { code, stderr } = await project.run('query', 'SELECT count(*) FROM t', '-f', 's.sql')
    expect(code).toBe(1)
    expect(stderr).toContain('ENG_DUCKDB_QUERY: table t cannot be read')
    expect(stderr).toContain('millrace verify')
  })
})
