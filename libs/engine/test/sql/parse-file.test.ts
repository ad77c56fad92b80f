import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/core/limits.ts'
import type { InsertNode } from '../../src/sql/ast.ts'
import { parseFile } from '../../src/sql/parse-file.ts'

const parse = (text: string) => parseFile(text, { file: 'x.sql' })
const only = (text: string) => {
  const { file, diagnostics } = parse(text)
  expect(diagnostics).toEqual([])
  expect(file.statements.length).toBe(1)
  return file.statements[0]!
}
const insertTail = (text: string): Partial<InsertNode> & { readonly text: string } => {
  const node = only(`INSERT INTO t ${text}`)
  if (node.kind !== 'insert') throw new Error(node.kind)
  return { ...node, text: node.select.text }
}

describe('parseFile', () => {
  for (const name of ['books_raw.sql', 'events_raw.sql']) {
    it(`reads ${name}, which we ship, without a word`, () => {
      const text = readFileSync(join(import.meta.dirname, '../../../../sql', name), 'utf8')
      const { file, diagnostics } = parseFile(text, { file: name })
      expect(diagnostics).toEqual([])
      expect(file.statements.map(({ kind }) => kind)).toEqual(['create_stream', 'create_table', 'insert'])
    })
  }

  it('takes a reserved word as the name of an option', () => {
    const node = only("CREATE STREAM s FROM KAFKA (topic = 't', brokers = 'b', group = 'g') FORMAT JSON")
    expect(node.kind === 'create_stream' && node.source.options.map(({ name }) => name.name)).toContain('group')
  })

  it('reads all that a stream can say', () => {
    const node = only(`CREATE OR REPLACE STREAM s (
      a VARCHAR NOT NULL PATH 'x/y' FORMAT '%d' DEFAULT b IS NOT NULL,
      b DECIMAL(10, 2) AS (a || ',' || (1)) NOT NULL,
      NESTED PATH 'lines/line' COLUMNS (c VARCHAR PATH '@c', NESTED PATH 'z' COLUMNS (d MAP(INT, INT))),
      WATERMARK FOR ts AS ts - INTERVAL '5 minutes' IDLE AFTER INTERVAL '1' MINUTE,
      CHECK (a <> ''), CONSTRAINT named CHECK (b > 0) ON VIOLATION DROP ROW)
    FROM KAFKA (topic = 't', brokers = 'b', max_future = INTERVAL 1 HOUR)
    KEY FORMAT JSON FORMAT XML (row = '/r', trim = FALSE)
    ON ERROR NULL REJECT LIMIT 0.5 PERCENT PER INTERVAL '5 minutes' DEDUPLICATE BY (a, "B") WITHIN INTERVAL '7 days'`)
    expect(node).toMatchObject({
      kind: 'create_stream',
      orReplace: true,
      columns: [
        {
          kind: 'value',
          notNull: true,
          path: { text: 'x/y' },
          format: { text: '%d' },
          default: { text: 'b IS NOT NULL' },
        },
        { kind: 'generated', type: { text: 'DECIMAL(10, 2)' }, expression: { text: "a || ',' || (1)" }, notNull: true },
        { kind: 'nested', columns: [{ path: { text: '@c' } }, { columns: [{ type: { text: 'MAP(INT, INT)' } }] }] },
      ],
      constraints: [{ name: { name: 'check_1' } }, { name: { name: 'named' }, onViolation: 'drop' }],
      watermark: { expression: { text: "ts - INTERVAL '5 minutes'" }, idleAfter_ms: 60_000 },
      source: { options: [{}, {}, { value: { kind: 'interval', text: '3600000' } }] },
      format: { options: [{}, { value: { kind: 'boolean', text: 'false' } }] },
      onError: 'null',
      rejectLimit: { percent: 0.5, interval_ms: 300_000 },
      dedup: { columns: [{ name: 'a' }, { name: 'B' }], within_ms: 604_800_000 },
    })
  })

  const BODIES = [
    'SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM s',
    'SELECT a FROM s WINDOW w AS (PARTITION BY a)',
    'SELECT emit final FROM s',
    'SELECT a, emit final, late drop, every FROM s',
    'SELECT 2 * emit ALL FROM s',
    'SELECT a emit FROM s late',
    'SELECT a AS every FROM s every',
    'SELECT s.emit, s.late FROM s WHERE every > 1',
    "SELECT 'PARTITION BY x' FROM s -- EMIT FINAL",
    'SELECT $$ EVERY INTERVAL 1 DAY $$ /* PARTITION BY a */ FROM s',
    'SELECT allow FROM s AS partition',
    'FROM s SELECT a',
    '(SELECT 1) UNION ALL (SELECT 2)',
    'SELECT a FROM s GROUP BY ALL ORDER BY ALL DESC',
    'SELECT CASE WHEN a THEN 1 END FROM s WHERE a IS NOT NULL',
  ]
  for (const body of BODIES) {
    it(`leaves the SELECT whole and cuts off the clauses: ${body}`, () => {
      const bare = body.replace(/ -- .*/, '')
      expect(insertTail(body).text).toBe(bare)
      const tail =
        "\nPARTITION BY a, b EMIT CHANGES LATE INTO x ALLOW LATENESS INTERVAL '1 hour' EVERY INTERVAL 5 MINUTES"
      const whole = insertTail(body + tail)
      expect(whole.text).toBe(bare)
      expect(whole).toMatchObject({
        partitionBy: [{ name: 'a' }, { name: 'b' }],
        emit: { mode: 'changes' },
        late: { mode: 'into', into: { name: 'x' } },
        allowLateness_ms: 3_600_000,
        every_ms: 300_000,
      })
      expect(insertTail(`${body}\nEVERY INTERVAL '5' MINUTE`)).toMatchObject({ text: bare, every_ms: 300_000 })
      expect(insertTail(`${body}\nEMIT ALL`)).toMatchObject({ text: bare, emit: { mode: 'all' } })
    })
  }

  it('reports at most diagnostics_max mistakes, by position, and goes on past each', () => {
    const { diagnostics, hasMore } = parse('CREAT a;\n'.repeat(100))
    expect(hasMore).toBe(true)
    expect(parse('CREAT a;\n'.repeat(LIMITS.diagnostics_max)).hasMore).toBe(false)
    expect(diagnostics.length).toBe(LIMITS.diagnostics_max)
    expect(diagnostics.map(({ span }) => span!.start)).toEqual(diagnostics.map((_, index) => index * 9))
  })

  it('leaves a faulty statement out, says which name it would have made, and keeps the others', () => {
    const { file, spoilt } = parse("CREATE STREAM s (a); SHOW JOBS; CREATE TABLE t LOCATION '${X}'; SHOW STREAMS")
    expect(file.statements.map(({ kind }) => kind)).toEqual(['show', 'show'])
    expect(spoilt.map(({ name }) => name)).toEqual(['s', 't'])
  })

  it('refuses a list past columns_max', () => {
    const columns = Array.from({ length: LIMITS.columns_max + 1 }, (_, index) => `c${index} INT`)
    const stream = (list: readonly string[]) =>
      parse(`CREATE STREAM s (${list.join(', ')}) FROM KAFKA (topic = 't', brokers = 'b') FORMAT JSON`)
    expect(stream(columns.slice(1)).diagnostics).toEqual([])
    expect(stream(columns).diagnostics.map(({ code }) => code)).toEqual(['ENG_SQL_LIST_TOO_LONG'])
  })

  it('refuses a file past sql_file_bytes_max, counted in UTF-8', () => {
    const fits = `--${'é'.repeat((LIMITS.sql_file_bytes_max - 2) / 2)}`
    expect(parse(fits).diagnostics).toEqual([])
    expect(parse(`${fits}x`).diagnostics.map(({ code }) => code)).toEqual(['ENG_SQL_FILE_TOO_LARGE'])
  })

  it('takes hostile files of the largest size in seconds, not minutes', () => {
    const fill = (piece: string): string => piece.repeat(Math.floor(LIMITS.sql_file_bytes_max / piece.length))
    for (const piece of ['${A', '${A}', "'${A:", '(', 'a,', ';', "'", '/*', 'CREATE ', 'SELECT a emit ', '$$']) {
      const start = performance.now()
      parse(fill(piece))
      parse(`CREATE STREAM s (${fill(piece).slice(0, -200)}) FROM KAFKA (topic = 'x') FORMAT JSON`)
      expect(performance.now() - start, piece).toBeLessThan(10_000)
    }
  }, 120_000)

  it('freezes what it gives', () => {
    const node = only('SHOW JOBS')
    expect(Object.isFrozen(node) && Object.isFrozen(node.span)).toBe(true)
  })
})
