import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/core/errors/index.ts'
import type { ConsumptionPlan, OutputPlan } from '../../src/plan/consumption-plan.ts'
import { ask, Bench, filesSql, planOf, streamOf, tableOf } from './plans.ts'
import { segmentOf, type TestMessage } from './segments.ts'

const withBench = async (plan: ConsumptionPlan, work: (bench: Bench) => Promise<void>): Promise<void> => {
  const bench = new Bench(plan)
  try {
    await bench.open()
    await work(bench)
  } finally {
    await bench.remove()
  }
}

const numbers = streamOf({ id: 'INTEGER', name: 'VARCHAR' })
const all = tableOf('SELECT * FROM s', { id: 'INTEGER', name: 'VARCHAR' })
const shownAs = (sql: string, rowsMax?: number): OutputPlan => ({
  target: { kind: 'memory', name: 'm', ...(rowsMax === undefined ? {} : { rowsMax }) },
  sql,
  columns: [],
})

describe('a batch', () => {
  it('leaves its good rows in a Parquet file that it describes truly', async () => {
    await withBench(planOf([numbers], [all]), async (bench) => {
      const output = await bench.execute([
        segmentOf(
          {
            messages: [
              {
                rows: [
                  ['1', 'ä'],
                  ['2', null],
                ],
              },
            ],
          },
          2,
        ),
      ])
      const [file] = output.tables
      expect(output.tables).toHaveLength(1)
      expect(file).toMatchObject({ rows: 2, partition: '', output: 0 })
      const bytes = readFileSync(file!.path)
      expect(file).toMatchObject({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      expect(await ask(`FROM ${filesSql(output.tables)} ORDER BY id`)).toEqual([
        [1, 'ä'],
        [2, null],
      ])
      expect(output.rowsWritten).toEqual([2])
      expect(output.streams['s']).toMatchObject({ messages: 1, rows: 2, deadLetters: 0, repeats: 0 })
    })
  })

  it('writes no file when it is empty, when no row is good, or when the query keeps none', async () => {
    await withBench(
      planOf([numbers], [all, tableOf('FROM s WHERE id > 100', { id: 'INTEGER' }, ['id'])]),
      async (bench) => {
        expect(await bench.execute([])).toMatchObject({ tables: [], deadLetters: [], state: [], rowsWritten: [0, 0] })
        const bad = await bench.execute([segmentOf({ messages: [{ rows: [['x', null]] }] }, 2)])
        expect(bad).toMatchObject({ tables: [], rowsWritten: [0, 0] })
        expect(bad.deadLetters).toHaveLength(1)
      },
    )
  })

  it('stores times UTC-adjusted in microseconds and no type that Spark refuses', async () => {
    const output = tableOf(
      `SELECT now_ AS t, id::VARCHAR AS id FROM (SELECT getvariable('millrace_batch_time') AS now_, id FROM s)`,
      {
        t: 'TIMESTAMP WITH TIME ZONE',
        id: 'VARCHAR',
      },
    )
    await withBench(planOf([streamOf({ id: 'UUID' })], [output]), async (bench) => {
      const id = '6f9619ff-8b86-d011-b42d-00c04fc964ff'
      const { tables } = await bench.execute([segmentOf({ messages: [{ rows: [[id]] }] }, 1)])
      expect(await ask(`FROM ${filesSql(tables)}`)).toEqual([['2023-11-14 22:15:00+00', id]])
      const schema = `SELECT name, type, logical_type FROM parquet_schema('${tables[0]!.path}') WHERE num_children IS NULL`
      expect(JSON.stringify(await ask(schema))).toMatch(
        /"t","INT64","TimestampType\(isAdjustedToUTC=1, unit=TimeUnit\(MILLIS=<null>, MICROS=MicroSeconds\(\), NANOS=<null>\)\)"/,
      )
    })
  })

  it('runs views in order, several outputs, and metadata columns', async () => {
    const stream = { ...numbers, ...streamOf({ id: 'INTEGER' }, { metadata: ['_partition', '_offset', '_raw'] }) }
    const views = [
      { name: 'doubled', sql: 'SELECT id * 2 AS id, _offset FROM s' },
      { name: 'more', sql: 'SELECT id + 1 AS id, _offset FROM doubled' },
    ]
    const outputs = [shownAs('SELECT id, _offset FROM more ORDER BY id'), shownAs('FROM s ORDER BY id')]
    await withBench(planOf([stream], outputs, { views }), async (bench) => {
      const segment = segmentOf({ partition: 3, start: 10, messages: [{ rows: [['1'], ['2']] }, { rows: [['3']] }] }, 1)
      const { shown } = await bench.execute([segment])
      expect(shown[0]).toMatchObject({
        columns: ['id', '_offset'],
        rows: [
          [3, '10'],
          [5, '10'],
          [7, '11'],
        ],
        truncated: false,
      })
      expect(shown[1]!.columns).toEqual(['id', '_partition', '_offset', '_raw'])
    })
  })

  it('shows at most rowsMax rows and says that there are more', async () => {
    await withBench(planOf([numbers], [shownAs('FROM s', 2)]), async (bench) => {
      const output = await bench.execute([
        segmentOf(
          {
            messages: [
              {
                rows: [
                  ['1', ''],
                  ['2', ''],
                  ['3', ''],
                ],
              },
            ],
          },
          2,
        ),
      ])
      expect(output.shown[0]).toMatchObject({ truncated: true })
      expect(output.shown[0]!.rows).toHaveLength(2)
      expect(output.rowsWritten).toEqual([3])
    })
  })

  it('keeps two streams apart', async () => {
    const other = streamOf({ id: 'INTEGER' }, { name: 'two words', dedup: { columns: ['id'], within_ms: 3_600_000 } })
    const outputs = [shownAs('SELECT s.id, o.id FROM s JOIN "two words" o ON s.id = o.id')]
    await withBench(planOf([numbers, other], outputs), async (bench) => {
      const output = await bench.execute([
        segmentOf(
          {
            messages: [
              {
                rows: [
                  ['1', ''],
                  ['x', ''],
                ],
              },
            ],
          },
          2,
        ),
        segmentOf({ stream: 1, messages: [{ rows: [['1'], ['1']] }] }, 1),
      ])
      expect(output.shown[0]!.rows).toEqual([[1, 1]])
      expect(output.streams['s']).toMatchObject({ rows: 2, deadLetters: 1, repeats: 0 })
      expect(output.streams['two words']).toMatchObject({ rows: 2, deadLetters: 0, repeats: 1 })
    })
  })

  it('gives DuckDB’s errors codes, and goes on after one', async () => {
    const failing = shownAs(`SELECT error('no ' || name) FROM s WHERE name = 'bad'`)
    await withBench(planOf([numbers], [failing]), async (bench) => {
      const bad = bench.execute([segmentOf({ messages: [{ rows: [['1', 'bad']] }] }, 2)])
      await expect(bad).rejects.toMatchObject({ code: 'ENG_DUCKDB_QUERY', message: expect.stringContaining('no bad') })
      const good = await bench.execute([segmentOf({ messages: [{ rows: [['1', 'good']] }] }, 2)])
      expect(good.rowsWritten).toEqual([0])
    })
  })
})

const DEAD_LETTERS = `SELECT stream, topic, partition, "offset", epoch_ms(timestamp) AS ms, key::VARCHAR AS k, raw::VARCHAR AS r,
  row_ordinal, reasons, batch, rejected_at FROM `

describe('records that are not good', () => {
  const messages: readonly TestMessage[] = [
    {
      key: 'k0',
      raw: 'first',
      rows: [
        ['1', 'a'],
        ['two', 'b'],
        ['3', 'c'],
      ],
    },
    { raw: 'second', reject: { code: 'ENG_DATA_XML', detail: 'tag </b> closes <a>' } },
    { key: null, raw: null, reject: { code: 'ENG_DATA_EMPTY', detail: 'the message is null' } },
    {
      raw: 'fourth',
      rows: [
        ['x'.repeat(3_000), 'd'],
        ['5', 'e'],
      ],
    },
  ]
  const segment = () => segmentOf({ topic: 't', partition: 2, start: 100, messages }, 2)

  it('become dead letters with all that is known about them', async () => {
    await withBench(planOf([numbers], [all]), async (bench) => {
      const output = await bench.execute([segment()])
      expect(output.rowsWritten).toEqual([3])
      expect(output.streams['s']).toMatchObject({
        messages: 4,
        rows: 5,
        deadLetters: 4,
        byRule: { ENG_DATA_CAST: 2, ENG_DATA_XML: 1, ENG_DATA_EMPTY: 1 },
      })
      const time = '1700000000000'
      const reason = (column: string | null, rule: string, value: string | null, message: string) => [
        { column, rule, value, message },
      ]
      const end = ['1', '2023-11-14 22:15:00+00']
      expect(await ask(`${DEAD_LETTERS} ${filesSql(output.deadLetters)}`)).toEqual([
        [
          's',
          't',
          2,
          '100',
          time,
          'k0',
          'first',
          1,
          reason('id', 'ENG_DATA_CAST', 'two', 'is not a valid INTEGER'),
          ...end,
        ],
        [
          's',
          't',
          2,
          '101',
          time,
          null,
          'second',
          null,
          reason(null, 'ENG_DATA_XML', null, 'tag </b> closes <a>'),
          ...end,
        ],
        [
          's',
          't',
          2,
          '102',
          time,
          null,
          null,
          null,
          reason(null, 'ENG_DATA_EMPTY', null, 'the message is null'),
          ...end,
        ],
        [
          's',
          't',
          2,
          '103',
          time,
          null,
          'fourth',
          0,
          reason('id', 'ENG_DATA_CAST', 'x'.repeat(1024), 'is not a valid INTEGER'),
          ...end,
        ],
      ])
    })
  })

  it('tell every reason of a row once, and count a rule once per row', async () => {
    const stream = streamOf({ a: 'INTEGER', b: 'DATE', c: 'UUID' })
    await withBench(planOf([stream], []), async (bench) => {
      const output = await bench.execute([segmentOf({ messages: [{ rows: [['x', 'y', 'zé']] }] }, 3)])
      expect(output.streams['s']!.byRule).toEqual({ ENG_DATA_CAST: 1 })
      const sql = `SELECT unnest(reasons).column, unnest(reasons).value FROM ${filesSql(output.deadLetters)}`
      expect(await ask(sql)).toEqual([
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'zé'],
      ])
    })
  })

  it('keep bytes that are not UTF-8 as they came', async () => {
    const raw = Uint8Array.from([0xff, 0xfe, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    await withBench(planOf([numbers], []), async (bench) => {
      const reject = { code: 'ENG_DATA_NOT_UTF8', detail: 'byte 0' }
      const output = await bench.execute([segmentOf({ messages: [{ raw, reject }] }, 2)])
      expect(await ask(`SELECT hex(raw) FROM ${filesSql(output.deadLetters)}`)).toEqual([
        [Buffer.from(raw).toString('hex').toUpperCase()],
      ])
    })
  })

  it('stop the pipeline under FAIL, saying where, with nothing written', async () => {
    const strict = streamOf({ id: 'INTEGER', name: 'VARCHAR' }, { action: 'fail', onError: 'fail' })
    await withBench(planOf([strict], [all]), async (bench) => {
      const failed = await bench.execute([segment()]).catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(MillraceError)
      expect(failed).toMatchObject({ code: 'ENG_DATA_XML', place: { topic: 't', partition: 2, offset: 101n } })
      const row = segmentOf({ start: 7, messages: [{ rows: [['1', '']] }, { rows: [['x', '']] }] }, 2)
      await expect(bench.execute([row])).rejects.toMatchObject({ code: 'ENG_DATA_CAST', place: { offset: 8n } })
      const written = readdirSync(bench.work, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      )
      expect(written.filter((entry) => !entry.parentPath.includes('duckdb-temp'))).toEqual([])
    })
  })

  it('are counted and gone under DROP', async () => {
    const lenient = streamOf({ id: 'INTEGER', name: 'VARCHAR' }, { action: 'drop', onError: 'drop' })
    await withBench(planOf([lenient], [all]), async (bench) => {
      const output = await bench.execute([segment()])
      expect(output).toMatchObject({ rowsWritten: [3], deadLetters: [] })
      expect(output.streams['s']).toMatchObject({ deadLetters: 0, dropped: 4 })
    })
  })

  it.each(['null', 'warn'] as const)('stay and are counted under %s', async (action) => {
    const lenient = streamOf({ id: 'INTEGER', name: 'VARCHAR' }, { action, onError: 'null' })
    await withBench(planOf([lenient], [all]), async (bench) => {
      const output = await bench.execute([segment()])
      expect(output.rowsWritten).toEqual([5])
      expect(output.streams['s']).toMatchObject({ deadLetters: 2, dropped: 0, warned: 2 })
    })
  })

  it('are told apart when a stream has more than 64 rules', async () => {
    const columns = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c_${i}`, 'INTEGER']))
    const base = streamOf(columns)
    const bit = (i: number) =>
      `CASE WHEN c${i} IS NOT NULL AND TRY_CAST(c${i} AS INTEGER) IS NULL THEN ${1n << BigInt(i % 64)}::UBIGINT ELSE 0::UBIGINT END`
    const masks = [0, 1].map((k) => Array.from({ length: k === 0 ? 64 : 6 }, (_, i) => bit(64 * k + i)).join(' | '))
    const typedSql = `SELECT __row, ${base.columns.map(({ name }, i) => `TRY_CAST(c${i} AS INTEGER) AS ${name}`).join(', ')},
      ${masks[0]} AS __faults0, ${masks[1]} AS __faults1 FROM "__arena_s"`
    await withBench(planOf([{ ...base, typedSql }], []), async (bench) => {
      const row = Array.from({ length: 70 }, (_, i) => ([31, 32, 63, 64, 69].includes(i) ? `bad${i}` : '1'))
      const output = await bench.execute([segmentOf({ messages: [{ rows: [row] }] }, 70)])
      const sql = `SELECT unnest(reasons).value FROM ${filesSql(output.deadLetters)}`
      expect((await ask(sql)).flat()).toEqual(['bad31', 'bad32', 'bad63', 'bad64', 'bad69'])
    })
  })

  it('carry their message once when one message has very many of them', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => [`x${i}`, ''])
    await withBench(planOf([numbers], []), async (bench) => {
      const output = await bench.execute([
        segmentOf(
          {
            messages: [
              { raw: 'big', key: 'k', rows },
              { raw: 'small', rows: rows.slice(0, 3) },
            ],
          },
          2,
        ),
      ])
      const sql = `SELECT count(*), count(*) FILTER (raw::VARCHAR = 'big'), count(*) FILTER (raw::VARCHAR = 'small'), count(key),
        max(row_ordinal), count(DISTINCT reasons[1].value) FROM ${filesSql(output.deadLetters)}`
      expect(await ask(sql)).toEqual([['5003', '1', '3', '1', 4_999, '5000']])
    })
  })

  it('leave no file of a stream that has none', async () => {
    await withBench(planOf([numbers], [all]), async (bench) => {
      const output = await bench.execute([segmentOf({ messages: [{ rows: [['1', '']] }] }, 2)])
      expect(output.deadLetters).toEqual([])
      expect(existsSync(`${bench.work}/batch-1/dead-letters`)).toBe(false)
    })
  })
})
