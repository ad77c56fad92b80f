import { describe as suite, expect, it } from 'vitest'
import { explain } from '../../src/plan/explain.ts'
import { describe, explainStatement, show } from '../../src/plan/look.ts'
import type { Inspection, Program } from '../../src/plan/program.ts'
import { compileText } from './compile-file.ts'

const TEXT = `CREATE STREAM s (id INTEGER NOT NULL PATH '$.i', twice INTEGER AS (id * 2))
  FROM KAFKA (topic = 't', brokers = 'h:9092') FORMAT JSON;
CREATE STREAM v AS SELECT id, _offset FROM s;
CREATE TABLE t LOCATION '/lake/t';
CREATE SINK out INTO CONSOLE;
INSERT INTO t SELECT *, id AS part FROM v PARTITION BY part;
SELECT 1 AS one, now() AS at;
SHOW STREAMS; SHOW TABLES; SHOW SINKS; SHOW JOBS;
DESCRIBE s; DESCRIBE t;
EXPLAIN (SQL) SELECT id + 1 AS next FROM s;
EXPLAIN (PLAN) SELECT id + 1 AS next FROM s;
EXPLAIN (AST) SELECT 1;
EXPLAIN (CONSUMPTION) INSERT INTO out SELECT twice FROM s;`

const compiled = async (): Promise<Program> => {
  const { program, diagnostics } = await compileText(TEXT, 'look.sql', '/')
  expect(diagnostics).toEqual([])
  return program!
}

suite('SHOW and DESCRIBE', () => {
  it('tell what the file defines', async () => {
    const program = await compiled()
    expect(show(program, 'streams')?.rows).toEqual([
      ['s', 'h:9092', 't', 'JSON', '2'],
      ['v', 'SELECT', null, null, '2'],
    ])
    expect(show(program, 'tables')?.rows).toEqual([['t', '/lake/t', 'part']])
    expect(show(program, 'sinks')?.rows).toEqual([['out', 'CONSOLE']])
    expect(show(program, 'jobs')?.rows).toEqual([['t', 's', 't', 'continuous']])
    expect(show(program, 'batches')).toBeUndefined()
    expect(describe(program, 'S')?.rows).toEqual([
      ['id', 'INTEGER', 'NO', '$.i'],
      ['twice', 'INTEGER', 'YES', null],
    ])
    expect(describe(program, 't')?.rows.map(([name, type]) => [name, type])).toEqual([
      ['id', 'INTEGER'],
      ['_offset', 'BIGINT'],
      ['part', 'INTEGER'],
    ])
    expect(describe(program, 'nothing')).toBeUndefined()
  })

  it('keeps the order of the statements that look', async () => {
    const { inspections } = await compiled()
    expect(inspections.map(({ kind }) => kind)).toEqual([
      ...['select', 'show', 'show', 'show', 'show', 'describe', 'describe'],
      ...Array(4).fill('explain'),
    ])
    expect(inspections[0]).toMatchObject({ kind: 'select', columns: [{ name: 'one' }, { name: 'at' }] })
  })
})

suite('EXPLAIN', () => {
  it('answers for a statement, which does not run', async () => {
    const program = await compiled()
    const explains = program.inspections.filter(
      (i): i is Extract<Inspection, { kind: 'explain' }> => i.kind === 'explain',
    )
    const [sql, plan, ast, consumption] = explains.map((inspection) => explainStatement(program, inspection))
    expect(sql).toBe('SELECT (id + 1) AS "next" FROM s')
    expect(plan).toBe('PROJECTION [next]\n  GET s')
    expect(JSON.parse(ast!)).toEqual({ kind: 'select', select: { text: 'SELECT 1' } })
    expect(consumption).toContain('pipeline out')
    expect(program.pipelines.map(({ pipeline }) => pipeline)).toEqual(['t'])
  })

  it('gives plain JSON for every stage, of the pipeline that is asked for', async () => {
    const program = await compiled()
    for (const stage of ['ast', 'plan', 'sql', 'consumption'] as const) {
      const { json } = explain(program, stage)
      expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    }
    expect(explain(program, 'consumption', 'none').json).toEqual([])
    expect(explain(program, 'consumption', 'T').json).toHaveLength(1)
  })
})
