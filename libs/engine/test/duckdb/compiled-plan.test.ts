import { describe, expect, it } from 'vitest'
import { compileText } from '../plan/compile-file.ts'
import { ask, Bench, filesSql } from './plans.ts'
import { segmentOf } from './segments.ts'

const SQL = `
CREATE STREAM books (
  id UUID NOT NULL, title VARCHAR NOT NULL, year INTEGER, added TIMESTAMP NOT NULL,
  decade INTEGER AS (year // 10 * 10),
  CONSTRAINT plausible CHECK (year BETWEEN 1450 AND 2100)
) FROM KAFKA (topic = 'books', brokers = 'embedded:topics') FORMAT JSON
ON ERROR DEAD LETTER DEDUPLICATE BY id WITHIN INTERVAL '7 days';
CREATE STREAM titled AS SELECT *, upper(title) AS loud FROM books;
CREATE TABLE t LOCATION 'lake/t' PARTITION BY (date, loud);
INSERT INTO t SELECT id, loud, decade, added, now() AS seen, added::DATE AS date FROM titled;`

const id = (n: number): string => `00000000-0000-0000-0000-00000000000${n}`

describe('a compiled pipeline', () => {
  it('runs in the session: casts, NOT NULL, CHECK, dedup, views, stored types, partitions', async () => {
    const { program, diagnostics } = await compileText(SQL, 'books.sql', '/data')
    expect(diagnostics).toEqual([])
    const plan = program!.pipelines[0]!
    const names = plan.streams[0]!.decode.columns.map(({ name }) => name)
    const rowOf = (values: Readonly<Record<string, string>>) => names.map((name) => values[name] ?? null)
    const good = { id: id(1), title: 'one/two', year: '1999', added: '2024-05-01T10:00:00Z' }
    const rows = [
      good,
      { ...good, title: 'the same again' },
      { ...good, id: id(2), year: '3000' },
      { ...good, id: 'x', year: 'y' },
      { id: id(3), year: '2000', added: 'yesterday' },
    ].map(rowOf)
    const bench = await new Bench(plan).open()
    const output = await bench.execute([segmentOf({ messages: [{ rows }] }, names.length)])
    expect(await ask(`FROM ${filesSql(output.tables)}`)).toEqual([
      [id(1), 'ONE/TWO', 1990, '2024-05-01 10:00:00+00', '2023-11-14 22:15:00+00', '2024-05-01'],
    ])
    expect(output.tables.map((file) => file.partition)).toEqual(['date=2024-05-01/loud=ONE%2FTWO'])
    const reasons = `SELECT row_ordinal, r.column, r.rule, r.value FROM (SELECT row_ordinal, unnest(reasons) AS r
      FROM ${filesSql(output.deadLetters)}) ORDER BY ALL`
    expect(await ask(reasons)).toEqual([
      [2, 'year', 'plausible', '3000'],
      [3, 'id', 'ENG_DATA_CAST', 'x'],
      [3, 'year', 'ENG_DATA_CAST', 'y'],
      [4, 'added', 'ENG_DATA_CAST', 'yesterday'],
      [4, 'title', 'ENG_DATA_NOT_NULL', null],
    ])
    expect(output.streams['books']).toMatchObject({ rows: 5, deadLetters: 3, repeats: 1 })
    await bench.remove()
  })
})
