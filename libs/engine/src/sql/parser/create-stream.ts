import type { CreateStreamNode, CreateViewStreamNode, FormatNode, OnError } from '../ast.ts'
import { FORMAT_OPTIONS, type OptionTable, SOURCE_OPTIONS } from '../options.ts'
import type { Token } from '../token.ts'
import { type Clause, type FoundClauses, parseClauses } from './clauses.ts'
import { readColumnList } from './columns.ts'
import type { Cursor } from './cursor.ts'
import { readInterval } from './intervals.ts'
import { readNames, readObjectName } from './names.ts'
import { complainOfMissing, readOptions } from './options.ts'
import { readWholeSelect } from './select-body.ts'

/**
 *   CREATE [OR REPLACE] STREAM name [(columns)]
 *     FROM KAFKA (options)  [KEY FORMAT f [(options)]]  FORMAT f [(options)]
 *     [ON ERROR DEAD LETTER | FAIL | DROP | NULL]  [REJECT LIMIT n PERCENT PER interval]
 *     [DEDUPLICATE BY columns WITHIN interval]
 *   CREATE [OR REPLACE] STREAM name AS select
 *
 * The cursor stands after STREAM. Answers undefined after a mistake.
 */
export const readCreateStream = (
  cursor: Cursor,
  orReplace: boolean,
): CreateStreamNode | CreateViewStreamNode | undefined => {
  const name = readObjectName(cursor, 'the stream’s name')
  if (cursor.take('AS')) {
    const select = readWholeSelect(cursor, 'CREATE STREAM … AS')
    return { kind: 'create_stream_as', orReplace, name, select, span: cursor.spanSince(cursor.from) }
  }
  const first = cursor.peek()
  const list = cursor.at('(') ? cursor.attempt(() => readColumnList(cursor)) : { columns: [], constraints: [] }
  const parts: StreamParts = {}
  const found = parseClauses(cursor, 'CREATE STREAM', streamClauses(parts))
  complainOfMissingClauses(cursor, first, found)
  const { source, format, onError, keyFormat, rejectLimit, dedup } = parts
  if (list === undefined || source === undefined || format === undefined) return undefined
  return {
    kind: 'create_stream',
    orReplace,
    name,
    ...list,
    source,
    ...(keyFormat === undefined ? {} : { keyFormat }),
    format,
    onError: onError ?? 'dead_letter',
    ...(rejectLimit === undefined ? {} : { rejectLimit }),
    ...(dedup === undefined ? {} : { dedup }),
    span: cursor.spanSince(cursor.from),
  }
}

type Writable<T> = { -readonly [K in keyof T]?: T[K] }
type StreamParts = Writable<
  Pick<CreateStreamNode, 'source' | 'keyFormat' | 'format' | 'onError' | 'rejectLimit' | 'dedup'>
>

const streamClauses = (parts: StreamParts): readonly Clause[] => [
  {
    words: ['FROM'],
    parse: (cursor) => {
      cursor.next()
      parts.source = readConnector(cursor, 'source', 'FROM', SOURCE_OPTIONS)
    },
  },
  {
    words: ['KEY', 'FORMAT'],
    parse: (cursor) => {
      cursor.next()
      cursor.next()
      parts.keyFormat = readConnector(cursor, 'format', 'KEY FORMAT', FORMAT_OPTIONS)
    },
  },
  {
    words: ['FORMAT'],
    parse: (cursor) => {
      cursor.next()
      parts.format = readConnector(cursor, 'format', 'FORMAT', FORMAT_OPTIONS)
    },
  },
  { words: ['ON', 'ERROR'], parse: (cursor) => (parts.onError = readOnError(cursor)) },
  { words: ['REJECT', 'LIMIT'], parse: (cursor) => (parts.rejectLimit = readRejectLimit(cursor)) },
  { words: ['DEDUPLICATE'], parse: (cursor) => (parts.dedup = readDedup(cursor)) },
]

const complainOfMissingClauses = (cursor: Cursor, at: Token, found: FoundClauses): void => {
  const needs = (clause: string, hint: string): void => {
    if (found.has(clause)) return
    cursor.complain('ENG_SQL_CLAUSE_MISSING', at, `CREATE STREAM needs ${clause}.`, hint)
  }
  needs('FROM', "Write FROM KAFKA (topic = '…', brokers = '…').")
  needs('FORMAT', "Write FORMAT XML (row = '/path/of/rows') or FORMAT JSON.")
}

/** `KAFKA (options)`, `XML (options)`: a kind of source, format or sink with its options. */
export const readConnector = (
  cursor: Cursor,
  what: string,
  clause: string,
  tables: Readonly<Record<string, OptionTable | undefined>>,
): FormatNode => {
  const from = cursor.index
  const kind = cursor.oneOf(`a ${what}`, Object.keys(tables))
  const token = cursor.statement.tokens[from]!
  const table = tables[kind]
  if (table === undefined) {
    cursor.fail('ENG_SQL_UNSUPPORTED', token, `${clause} ${kind} is not supported yet.`, supported(what, tables))
  }
  const owner = what === 'format' ? `FORMAT ${kind}` : kind
  if (!cursor.at('(')) complainOfMissing(cursor, token, owner, table, new Set())
  const options = cursor.at('(') ? readOptions(cursor, owner, table) : []
  return { kind: { name: kind, span: cursor.span(token) }, options, span: cursor.spanSince(from) }
}

const supported = (what: string, tables: Readonly<Record<string, OptionTable | undefined>>): string =>
  `This version has these ${what}s: ${Object.keys(tables)
    .filter((kind) => tables[kind] !== undefined)
    .join(', ')}.`

const readOnError = (cursor: Cursor): OnError => {
  cursor.expect('ON', 'ERROR')
  const word = cursor.oneOf('what ON ERROR does', ['DEAD', 'FAIL', 'DROP', 'NULL'])
  if (word === 'DEAD') cursor.expect('LETTER')
  const actions = { DEAD: 'dead_letter', FAIL: 'fail', DROP: 'drop', NULL: 'null' } as const
  return actions[word]
}

const readRejectLimit = (cursor: Cursor): NonNullable<CreateStreamNode['rejectLimit']> => {
  const from = cursor.index
  cursor.expect('REJECT', 'LIMIT')
  const number = cursor.next()
  const percent = Number(number.value.replaceAll('_', ''))
  if (number.kind !== 'number' || !(percent > 0 && percent <= 100)) {
    cursor.fail('ENG_SQL_SYNTAX', number, `Here a share above 0 and up to 100 is wanted, not ${cursor.say(number)}.`)
  }
  cursor.expect('PERCENT', 'PER')
  const interval_ms = readInterval(cursor)
  return { percent, interval_ms, span: cursor.spanSince(from) }
}

const readDedup = (cursor: Cursor): NonNullable<CreateStreamNode['dedup']> => {
  const from = cursor.index
  cursor.expect('DEDUPLICATE', 'BY')
  const columns = readNames(cursor, 'a column to deduplicate by')
  if (!cursor.at('WITHIN')) {
    const message = `Here WITHIN is wanted, not ${cursor.say(cursor.peek())}: what was seen is not kept forever.`
    cursor.fail('ENG_SQL_CLAUSE_MISSING', cursor.peek(), message, "Write WITHIN INTERVAL '7 days'.")
  }
  cursor.next()
  const within_ms = readInterval(cursor)
  return { columns, within_ms, span: cursor.spanSince(from) }
}
