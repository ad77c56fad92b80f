import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openSqlEngine } from '../../src/duckdb/sql-engine.ts'

const SEED = Number(process.env['SEED'] ?? 20_240_607)

describe('the SQL engine', async () => {
  const engine = await openSqlEngine()
  afterAll(() => engine.close())

  it(`prints back every digit of a literal (SEED=${SEED})`, async () => {
    const integer = fc.bigInt({ min: 0n, max: 2n ** 127n - 1n }).map(String)
    const decimal = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 19n - 1n }), fc.bigInt({ min: 10n ** 18n, max: 10n ** 19n - 1n }))
      .map(([whole, fraction]) => `${whole}.${fraction}`)
    const literal = fc.oneof(
      integer,
      decimal,
      fc.constantFrom(`${2n ** 53n + 1n}`, `${2n ** 127n - 1n}`, '9'.repeat(38)),
    )
    await fc.assert(
      fc.asyncProperty(literal, async (text) => {
        const parsed = await engine.parse(`SELECT ${text}`)
        expect(parsed.ok && (await engine.print(parsed.value))).toBe(`SELECT ${text}`)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it.each([
    "SELECT {'a': 1, 'b': [1, 2]}, MAP {'k': 1}, INTERVAL '3 days', TIMESTAMP '2024-01-01', 'it''s', -5, 1.5e3",
    "SELECT CASE WHEN true THEN 1 END, 1 BETWEEN 0 AND 2, 'x' LIKE 'y%' ESCAPE '$', list_transform([1], lambda x: x + 1)",
    'SELECT [x FOR x IN [1, 2] IF x > 1], extract(year FROM DATE \'2024-01-01\'), "quoted" FROM (SELECT 1 AS "quoted")',
    'WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2 ORDER BY 1 LIMIT 3',
    "SELECT * FROM range(3) t(i) LEFT JOIN (VALUES (1, 'x')) v(j, k) ON i = j WHERE i IN (1, 2) OR EXISTS (SELECT 1)",
    "SELECT * FROM read_csv(['a.csv'], header = true, columns = {'a': 'INTEGER'})",
  ])('prints what it parsed, with the same types: %s', async (text) => {
    const parsed = await engine.parse(text)
    const printed = parsed.ok ? await engine.print(parsed.value) : ''
    const [a, b] = [await engine.describe(text), await engine.describe(printed)]
    expect(b.ok ? b.value.map(({ type }) => type) : b.error.type).toEqual(
      a.ok ? a.value.map(({ type }) => type) : a.error.type,
    )
  })

  it('gives positions in UTF-16 units, whatever stands before them', async () => {
    for (const before of ['', 'x', 'ü', '€', '🌲🌲']) {
      const text = `SELECT '${before}', nope`
      const described = await engine.describe(text)
      expect(described.ok || described.error.position).toBe(text.indexOf('nope'))
    }
  })

  it('runs one statement or none', async () => {
    await engine.execute('CREATE TABLE kept (a INTEGER)')
    for (const text of ['SELECT 1; DROP TABLE kept', 'SELECT 1; SELECT 2', '1; DROP TABLE kept']) {
      expect((await engine.parse(text)).ok).toBe(false)
      expect((await engine.describe(text)).ok).toBe(false)
      expect((await engine.execute(text)).ok).toBe(false)
      expect((await engine.plan(text)).ok).toBe(false)
    }
    expect((await engine.parse('DROP TABLE kept')).ok).toBe(false)
    expect((await engine.describe('SELECT * FROM kept')).ok).toBe(true)
  })

  it('refuses a number that it could not hand back', async () => {
    const parsed = await engine.parse('SELECT 1e400')
    expect(parsed).toEqual({ ok: false, error: { type: 'parser', message: 'a number is outside the range of DOUBLE' } })
  })

  it('says what it cannot print', async () => {
    await expect(engine.print({ node: 'none' })).rejects.toMatchObject({ code: 'ENG_SQL_NOT_PRINTABLE' })
  })
})
