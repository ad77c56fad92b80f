import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isReservedWord } from '../../src/sql/reserved-words.ts'
import { parseFile } from '../../src/sql/parse-file.ts'

let instance: DuckDBInstance
let connection: Awaited<ReturnType<DuckDBInstance['connect']>>
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
})
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await connection.runAndReadAll(sql)).getRows()

/** The SELECT as DuckDB would get it. */
const selectOf = (text: string, value?: string): string | undefined => {
  const { file } = parseFile(text, { file: 'x.sql', lookup: () => value })
  const statement = file.statements[0]
  return statement?.kind === 'select' ? statement.select.text : undefined
}

describe('what DuckDB makes of our lexical rules', () => {
  const VALUES = [
    "it's",
    "x'; SELECT 2; --",
    '$$; SELECT 2',
    "\\'; SELECT 2; --",
    '*/ SELECT 2',
    '"',
    "''",
    'é😀',
    '\\n',
  ]

  it('reads each filled literal as the variable’s value, in one statement', async () => {
    for (const literal of ["'${X}'", "e'${X}'", '$$${X}$$', '$q$${X}$q$']) {
      for (const value of VALUES) {
        const sql = selectOf(`SELECT ${literal}`, value)!
        const extracted = await connection.extractStatements(sql)
        expect(extracted.count, sql).toBe(1)
        expect(await rows(sql), sql).toEqual([[value]])
      }
    }
  })

  it('reads every literal that we read as the same value', async () => {
    const literals = ["'it''s'", "e'a\\'b\\n\\x41\\101\\\\'", "$$it's$$", '$t$a$$b$t$', "'$'", "e'\\q'"]
    for (const literal of literals) {
      const { file } = parseFile(`IMPORT ${literal}`, { file: 'x.sql' })
      const node = file.statements[0]
      if (node?.kind !== 'import') throw new Error(literal)
      expect(await rows(`SELECT ${literal}`), literal).toEqual([[node.path]])
    }
  })

  it('keeps the same words from being names', async () => {
    const words = await rows(
      "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')",
    )
    expect(words.filter(([word]) => !isReservedWord(String(word)))).toEqual([])
    expect(words.length).toBeGreaterThan(80)
    expect(['date', 'year', 'emit', 'books', 'path', 'key'].filter(isReservedWord)).toEqual([])
  })

  it('refuses SELECTs in which our clauses were left, so that cutting them off takes nothing away', async () => {
    const tails = [
      'PARTITION BY a',
      'EMIT FINAL',
      'LATE DROP',
      "ALLOW LATENESS INTERVAL '1 hour'",
      "EVERY INTERVAL '1 hour'",
    ]
    for (const body of [
      'SELECT 1 AS a',
      'SELECT a FROM (SELECT 1 AS a) t',
      'SELECT a FROM (SELECT 1 AS a) WHERE a = 1',
    ]) {
      for (const tail of tails) await expect(rows(`${body} ${tail}`), `${body} ${tail}`).rejects.toThrow()
    }
  })
})
