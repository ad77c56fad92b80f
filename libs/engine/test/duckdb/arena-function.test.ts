import { describe, expect, it } from 'vitest'
import { ArenaRelation, arenaColumns } from '../../src/duckdb/arena-function.ts'
import { Database } from '../../src/duckdb/database.ts'
import { viewSegments } from '../../src/duckdb/segment-view.ts'
import type { Segment } from '../../src/runtime/segment.ts'
import { streamOf } from './plans.ts'
import { ReferenceRelation } from './reference-relation.ts'
import { segmentOf } from './segments.ts'

const stream = streamOf({ a: 'VARCHAR', b: 'VARCHAR' })
const encoder = new TextEncoder()

/** A database that serves these segments as `arena()`. */
const serve = async (segments: readonly Segment[], threads = 2): Promise<Database> => {
  const database = await Database.open()
  const relation = new ArenaRelation(viewSegments(segments), 2)
  database.register('arena', arenaColumns(stream), () => relation, threads)
  return database
}

const texts = [
  '',
  'a',
  'twelve bytes',
  'thirteen byte',
  'ünïcödé',
  '😀'.repeat(3),
  '😀😀😀😀',
  'x'.repeat(5_000),
  '\u0000',
  'a\u0000b and more than twelve bytes',
  ' spaces ',
]
const valueAt = (row: number, column: number): string | null =>
  (row * 7 + column) % 5 === 0 ? null : `${texts[(row + column * 3) % texts.length]}${row % 3 === 0 ? row : ''}`

describe('the arena relation', () => {
  it.each([0, 1, 2, 63, 64, 65, 2047, 2048, 2049, 4095, 4096, 4097, 10_000])(
    'gives DuckDB the same %i rows as JavaScript strings do',
    async (count) => {
      const rows = Array.from({ length: count }, (_, row) => [valueAt(row, 0), valueAt(row, 1)])
      const cut = Math.floor(count / 3)
      const parts = [rows.slice(0, cut), rows.slice(cut)]
      const database = await serve(
        parts.map((part, i) => segmentOf({ partition: i, messages: part.map((row) => ({ rows: [row] })) }, 2)),
      )
      const reference = new ReferenceRelation(rows)
      database.register('reference', arenaColumns(stream).slice(0, 3), () => reference, 1)
      const different = await database.rows(
        `SELECT * FROM (SELECT __row, c0, c1 FROM arena()) a FULL JOIN reference() r USING (__row)
         WHERE a.c0 IS DISTINCT FROM r.c0 OR a.c1 IS DISTINCT FROM r.c1`,
        'comparing',
      )
      expect(different).toEqual([])
      expect(await database.count('SELECT count(*) FROM arena()', 'counting')).toBe(count)
      expect(await database.count('SELECT count(DISTINCT __row) FROM arena()', 'counting')).toBe(count)
      expect(await database.count('SELECT sum(strlen(c1)) FROM arena()', 'summing')).toBe(
        rows.reduce((sum, row) => sum + encoder.encode(row[1] ?? '').length, 0),
      )
      database.close()
    },
  )

  it('numbers rows by topic, partition and position, whatever the order of segments', async () => {
    const one = (topic: string, partition: number, start: number, value: string) =>
      segmentOf({ topic, partition, start, messages: [{ rows: [[value, null]] }] }, 2)
    const database = await serve([one('b', 0, 0, '4'), one('a', 2, 0, '3'), one('a', 0, 9, '2'), one('a', 0, 1, '1')])
    expect(await database.rows('SELECT c0 FROM arena() ORDER BY __row', 'reading')).toEqual([
      ['1'],
      ['2'],
      ['3'],
      ['4'],
    ])
    database.close()
  })

  it('survives that the segment’s memory is used again after the query', async () => {
    const segment = segmentOf({ messages: [{ rows: [['a text of more than twelve bytes', 'short']] }] }, 2)
    const database = await serve([segment])
    await database.run('CREATE TABLE t AS SELECT c0, c1 FROM arena()', 'reading')
    for (const column of segment.columns) new Uint8Array(column.data).fill(0x7a)
    expect(await database.rows('FROM t', 'reading')).toEqual([['a text of more than twelve bytes', 'short']])
    database.close()
  })

  it('gives each message’s metadata to all of its rows', async () => {
    const raw = Uint8Array.from([0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    const database = await serve([
      segmentOf(
        {
          topic: 'a topic with a long name',
          partition: 7,
          start: 41,
          messages: [
            { raw, key: null, timestamp_ms: -1, rows: [['1', null]] },
            {
              raw: '',
              key: 'k',
              timestamp_ms: 1_700_000_000_123,
              headers: [
                ['trace', 'x'.repeat(20)],
                ['empty', null],
              ],
              rows: [
                ['2', null],
                ['3', null],
              ],
            },
          ],
        },
        2,
      ),
    ])
    const result = await database.result(
      `SELECT c0, _topic, _partition, _offset, _timestamp, _key::VARCHAR AS k, hex(_raw), _headers
       FROM arena() ORDER BY __row`,
      'reading',
    )
    const topic = 'a topic with a long name'
    const headers = [
      { key: 'trace', value: 'x'.repeat(20) },
      { key: 'empty', value: null },
    ]
    expect(await result.getRowsJson()).toEqual([
      ['1', topic, 7, '41', null, null, 'FF000102030405060708090A0B0C0D', []],
      ['2', topic, 7, '42', '2023-11-14 22:13:20.123', 'k', '', headers],
      ['3', topic, 7, '42', '2023-11-14 22:13:20.123', 'k', '', headers],
    ])
    database.close()
  })

  it('reads more headers than a vector has rows', async () => {
    const headers = Array.from({ length: 700 }, (_, i) => [`k${i}`, i % 3 === 0 ? null : `value ${i}`] as const)
    const messages = Array.from({ length: 20 }, () => ({ headers, rows: [['1', null]] }))
    const database = await serve([segmentOf({ messages }, 2)])
    const sql = `SELECT count(*), count(h.value), sum(substr(h.key, 2)::INT) FROM (SELECT unnest(_headers) AS h FROM arena())`
    const [row] = await database.rows(sql, 'reading')
    expect(row?.map(Number)).toEqual([14_000, 20 * 466, 20 * ((699 * 700) / 2)])
    database.close()
  })

  it('shows times that a TIMESTAMP cannot hold as NULL', async () => {
    const times = [0, 9_223_372_036_854_774, 9_223_372_036_854_775_000]
    const messages = times.map((timestamp_ms) => ({ timestamp_ms, rows: [['1', null]] }))
    const database = await serve([segmentOf({ messages }, 2)])
    const sql = 'SELECT epoch_ms(_timestamp) FROM arena() ORDER BY __row'
    const rows = await database.rows(sql, 'reading')
    expect(rows).toEqual([[0n], [9_223_372_036_854_774n], [null]])
    database.close()
  })

  it.each([
    ['a broken byte', [0x61, 0xff, ...encoder.encode(' and enough text to be long')]],
    ['a short broken value', [0xc3]],
  ])('turns %s in an arena into an error, not a crash', async (_, bytes) => {
    const segment = segmentOf({ messages: [{ rows: [['?'.repeat(bytes.length), null]] }] }, 2)
    new Uint8Array(segment.columns[0]!.data).set(bytes)
    const database = await serve([segment])
    await expect(database.run('CREATE TABLE t AS SELECT c0 FROM arena()', 'reading')).rejects.toMatchObject({
      code: 'ENG_BUG',
      message: expect.stringContaining('not valid UTF-8'),
    })
    expect(await database.count('SELECT count(*) FROM arena()', 'counting')).toBe(1)
    database.close()
  })

  it('turns a value that begins inside a character into an error', async () => {
    const segment = segmentOf({ messages: [{ rows: [['é and a long text', null]] }, { rows: [['x', null]] }] }, 2)
    new Uint32Array(segment.columns[0]!.ends)[0] = 1
    const database = await serve([segment])
    await expect(database.run('CREATE TABLE t AS SELECT c0 FROM arena()', 'reading')).rejects.toThrow(
      /inside a character/,
    )
    database.close()
  })
})
