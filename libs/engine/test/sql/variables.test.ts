import { describe, expect, it } from 'vitest'
import { parseFile } from '../../src/sql/parse-file.ts'
import { printFile } from '../../src/sql/print/print-statement.ts'
import { sourceSpan } from '../../src/sql/source-span.ts'
import { isSecretName } from '../../src/sql/variables.ts'

const HOSTILE = [
  "x'; DROP TABLE t; --",
  "'; IMPORT 'x",
  "''; SELECT 1; ''",
  '"; SELECT 1; "',
  '$$; SELECT 1; $$',
  "\\'; SELECT 1; --",
  '*/ ; SELECT 1; /*',
  '-- \n; SELECT 1',
  '${OTHER}; SELECT 1',
  '; SELECT 1;',
  ') ; SELECT (1',
  "e'\\'; SELECT 1",
  'a;b',
  "'",
  '\u2028; SELECT 1',
  'select',
  'x" y',
]

const PLACES: readonly (readonly [string, (value: string) => string])[] = [
  ['a string', () => "SELECT '${X}' FROM t"],
  ['an e-string', () => "SELECT e'a\\n${X}' FROM t"],
  ['a dollar string', () => 'SELECT $$${X}$$, $a$${X}$a$ FROM t'],
  ['a bare word', () => 'SELECT * FROM ${X}'],
  ['a glued word', () => 'SELECT * FROM raw_${X}_1'],
  ['a quoted name', () => 'SELECT * FROM "${X}"'],
  ['an option', () => "CREATE STREAM s FROM KAFKA (topic = '${X}', brokers = 'b') FORMAT JSON"],
  ['a location', () => "CREATE TABLE t LOCATION '${X}'"],
  ['a path', () => "IMPORT '${X}'"],
  ['a comment', () => 'SELECT 1 /* ${X} */ -- ${X}\n + 1'],
  ['a default', (value) => `SELECT '\${Y:-${value.replace(/[\n}]/g, '').replaceAll("'", "''")}}'`],
]

describe('variables cannot change what a file does', () => {
  for (const [where, write] of PLACES) {
    it(`in ${where}: one statement in, at most one statement out, and nothing of the value outside its literal`, () => {
      for (const value of HOSTILE) {
        const text = `${write(value)};\nSHOW JOBS;`
        const lookup = (name: string): string | undefined => (name === 'X' ? value : undefined)
        const { file, diagnostics } = parseFile(text, { file: 'x.sql', lookup })
        const kinds = file.statements.map(({ kind }) => kind)
        expect(kinds.at(-1), `${write(value)} with ${value}`).toBe('show')
        expect(kinds.length).toBe(diagnostics.length > 0 ? 1 : 2)
        const again = parseFile(printFile(file), { file: 'x.sql', lookup })
        expect(again.file.statements.map(({ kind }) => kind)).toEqual(kinds)
      }
    })
  }

  it('gives the value as it is', () => {
    for (const path of HOSTILE) {
      const { file } = parseFile("IMPORT '${X}'", { file: 'x.sql', lookup: () => path })
      expect(file.statements[0]).toMatchObject({ kind: 'import', path })
    }
  })
})

describe('secrets', () => {
  it('are known by their names', () => {
    const secret = ['KAFKA_PASSWORD', 'api_key', 'AccessKey', 'TOKEN', 'clientSecret', 'DB_PWD', 'ssl.key', 'KEY']
    const open = ['KAFKA', 'LAKE', 'AUTHOR', 'MONKEY', 'KEYSPACE', 'TOPIC']
    expect(secret.filter((name) => !isSecretName(name))).toEqual([])
    expect(open.filter(isSecretName)).toEqual([])
  })

  it('are refused where plans show them, and no output has their value', () => {
    const places = [
      "SELECT '${MINE}'",
      'SELECT ${MINE}',
      "CREATE TABLE t LOCATION 's3://${MINE}@b'",
      "IMPORT '${MINE}'",
      "SET memory_limit = '${MINE}'",
      "CREATE STREAM s FROM KAFKA (topic = '${MINE}', brokers = 'b') FORMAT JSON",
      "CREATE STREAM s FROM KAFKA (topic = 't', brokers = 'b', start = '${MINE}') FORMAT JSON",
      "CREATE STREAM s (a INT DEFAULT '${MINE}') FROM KAFKA (topic = 't', brokers = 'b') FORMAT JSON",
    ]
    for (const text of places) {
      const options = { file: 'x.sql', lookup: () => 'canary', secretNames: new Set(['MINE']) }
      const result = parseFile(text, options)
      expect(result.diagnostics.length, text).toBeGreaterThan(0)
      expect(JSON.stringify(result), text).not.toContain('canary')
    }
  })
})

describe('sourceSpan', () => {
  it('finds the place in the user’s text of a place in the filled one', () => {
    const text = "SELECT '${A}', b FROM ${LONGER_NAME} WHERE c"
    const { file } = parseFile(text, { file: 'x.sql', lookup: (name) => (name === 'A' ? "it's longer than it" : 't') })
    const statement = file.statements[0]!
    if (statement.kind !== 'select') throw new Error('not a select')
    const { select } = statement
    expect(select.text).toBe("SELECT 'it''s longer than it', b FROM t WHERE c")
    const back = (part: string): string => {
      const at = select.text.indexOf(part)
      const span = sourceSpan(select, at, at + part.length)
      return text.slice(span.start, span.end)
    }
    expect(back(' b ')).toBe(' b ')
    expect(back('longer')).toBe("'${A}'")
    expect(back('FROM t WHERE')).toBe('FROM ${LONGER_NAME} WHERE')
    expect(back('WHERE c')).toBe('WHERE c')
    expect(sourceSpan(select, 0, 9_999)).toMatchObject({ start: 0, end: text.length })
    expect(sourceSpan(select, 9_999, 9_999)).toMatchObject({ start: text.length, end: text.length })
  })
})
