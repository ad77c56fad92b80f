import { describe, expect, it } from 'vitest'
import { DiagnosticSink } from '../../src/sql/diagnostic-sink.ts'
import { lex } from '../../src/sql/lexer.ts'

const variables: Readonly<Record<string, string>> = {
  NAME: 'books',
  QUOTED: '"a b"',
  NUMBER: '-5',
  NASTY: "x'; DROP TABLE t; --",
  DOLLARS: '$$; $x$',
  SECRET: 'canary',
  NUL: 'a\0b',
}

const run = (text: string) => {
  const sink = new DiagnosticSink('x.sql')
  const tokens = lex(text, { lookup: (name) => variables[name] }, sink)
  return { tokens: tokens.slice(0, -1), codes: sink.sorted().map(({ code, span }) => `${code} ${span?.start}`) }
}
const shape = (text: string): readonly string[] => run(text).tokens.map(({ kind, value }) => `${kind}:${value}`)

/** A text and its tokens, as `kind:value`. */
const TOKENS: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  -- a comment', []],
  ['select A_1', ['word:select', 'word:A_1']],
  ['a$b größe 名前', ['word:a$b', 'word:größe', 'word:名前']],
  ['"a""b" "é"', ['name:a"b', 'name:é']],
  ["'it''s' ''", ["string:it's", 'string:']],
  ["e'a\\'b\\n\\x41\\u00e9\\101' E''''", ["string:a'b\nAéA", "string:'"]],
  ["$$it's$$ $a$x$$y$a$ $é$z$é$", ["string:it's", 'string:x$$y', 'string:z']],
  ['1 1_000 1e5 .5 5. 1.5E-3 0x1F', ['1', '1_000', '1e5', '.5', '5.', '1.5E-3', '0x1F'].map((n) => `number:${n}`)],
  ['[1:2] 1..2', ['symbol:[', 'number:1', 'symbol::', 'number:2', 'symbol:]', 'number:1', 'symbol:.', 'number:.2']],
  ['? $1 $name', ['parameter:?', 'parameter:$1', 'parameter:$name']],
  ['a/* x /* y */ ; */b--;\nc', ['word:a', 'word:b', 'word:c']],
  ['a::b<>c', ['word:a', 'symbol::', 'symbol::', 'word:b', 'symbol:<', 'symbol:>', 'word:c']],
  ['a\u00a0b\u3000c\ufeff', ['word:a', 'word:b', 'word:c']],
  ["x'41'", ['word:x', 'string:41']],
  ['a-- ${NOT} \n/* ${NOT} */b', ['word:a', 'word:b']],
  ["'${NAME}-${MISSING:-it''s}'", ["string:books-it's"]],
  ["'${MISSING:plain:x}'", ['string:plain:x']],
  ["'${KAFKA:-embedded:.millrace/topics}'", ['string:embedded:.millrace/topics']],
  ["'$${NAME}' '$$${NAME}'", ['string:${NAME}', 'string:$${NAME}']],
  ["e'\\${NAME}'", ['string:${NAME}']],
  ['raw_${NAME}_v${MISSING:-2}', ['word:raw_books_v2']],
  ['${QUOTED} ${NUMBER}', ['name:a b', 'number:-5']],
  ['"${NAME}"', ['name:books']],
]

describe('lex', () => {
  for (const [text, wanted] of TOKENS) {
    it(`cuts ${JSON.stringify(text)}`, () => {
      const { codes } = run(text)
      expect(shape(text)).toEqual(wanted)
      expect(codes).toEqual([])
    })
  }

  it('gives positions in UTF-16 units of the text as written, around characters of two units', () => {
    const { tokens } = run("'😀' ${NAME} b")
    expect(tokens.map(({ start, end }) => [start, end])).toEqual([
      [0, 4],
      [5, 12],
      [13, 14],
    ])
  })

  it('fills DuckDB’s text with literals that end where they should', () => {
    expect(run("'${NASTY}'").tokens[0]!.text).toBe("'x''; DROP TABLE t; --'")
    expect(run('$$${DOLLARS}$$').tokens[0]!.text).toBe(" '$$; $x$'")
    expect(run("e'${NASTY}\\''").tokens[0]!.text).toBe(" 'x''; DROP TABLE t; --'''")
    expect(run('a -${NUMBER}').tokens.map(({ text }) => text)).toEqual(['a', '-', '(-5)'])
  })

  it('never makes a keyword of a value', () => {
    expect(run('${MISSING:-emit}').tokens[0]).toMatchObject({ keyword: '', text: 'emit' })
    expect(run('emit').tokens[0]!.keyword).toBe('EMIT')
  })

  const MISTAKES: readonly (readonly [string, string])[] = [
    ["a 'b", 'ENG_SQL_UNTERMINATED 2'],
    ['a "b', 'ENG_SQL_UNTERMINATED 2'],
    ['a /* /* */', 'ENG_SQL_UNTERMINATED 2'],
    ['$x$ $$', 'ENG_SQL_UNTERMINATED 0'],
    ["e'\\'", 'ENG_SQL_UNTERMINATED 0'],
    ['a ${MISSING}', 'ENG_SQL_VARIABLE_UNKNOWN 2'],
    ["'x${MISSING}'", 'ENG_SQL_VARIABLE_UNKNOWN 2'],
    ["'${1}'", 'ENG_SQL_VARIABLE_SYNTAX 1'],
    ['${NASTY}', 'ENG_SQL_VARIABLE_VALUE 0'],
    ['"${NASTY}"', 'ENG_SQL_VARIABLE_VALUE 1'],
    ['${MISSING:-select}', 'ENG_SQL_VARIABLE_VALUE 0'],
    ["'${NUL}'", 'ENG_SQL_VARIABLE_VALUE 1'],
    ["${NAME}'a'", 'ENG_SQL_VARIABLE_VALUE 0'],
    ['1${NAME}', 'ENG_SQL_VARIABLE_VALUE 0'],
    ['${SECRET}', 'ENG_SQL_SECRET_PLACE 0'],
  ]
  for (const [text, wanted] of MISTAKES) {
    it(`complains of ${text} where it starts`, () => expect(run(text).codes).toEqual([wanted]))
  }

  it('keeps a secret’s value out of what is shown', () => {
    const [token] = run("'user=${NAME:-x} it''s ${SECRET:-default}'").tokens
    expect(token).toMatchObject({ value: "user=books it's canary", shown: "user=${NAME} it''s ${SECRET}" })
  })
})
