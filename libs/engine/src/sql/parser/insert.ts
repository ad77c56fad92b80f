import type { InsertNode } from '../ast.ts'
import { type Clause, parseClauses } from './clauses.ts'
import type { Cursor } from './cursor.ts'
import { readInterval } from './intervals.ts'
import { readNames, readObjectName } from './names.ts'
import { readSelect } from './select-body.ts'

/**
 *   INSERT [OR IGNORE | OR REPLACE] INTO target select
 *     [PARTITION BY columns] [EMIT FINAL | CHANGES | ALL] [LATE DROP | DEAD LETTER | INTO name]
 *     [ALLOW LATENESS interval] [EVERY interval]
 *
 * The cursor stands at INSERT.
 */
export const readInsert = (cursor: Cursor): InsertNode => {
  const from = cursor.index
  cursor.expect('INSERT')
  const mode = cursor.take('OR') ? cursor.oneOf('what INSERT OR does', ['IGNORE', 'REPLACE']) : undefined
  cursor.expect('INTO')
  const target = readObjectName(cursor, 'the name of a table or sink')
  refuseOtherForms(cursor, target.name)
  const select = readSelect(cursor, `INSERT INTO ${target.name}`)
  const parts: InsertParts = {}
  parseClauses(cursor, 'INSERT', tailClauses(parts))
  const modes = { IGNORE: 'ignore', REPLACE: 'replace' } as const
  return {
    kind: 'insert',
    mode: mode === undefined ? 'append' : modes[mode],
    target,
    select,
    ...parts,
    span: cursor.spanSince(from),
  }
}

const refuseOtherForms = (cursor: Cursor, target: string): void => {
  const token = cursor.peek()
  if (cursor.at('VALUES')) {
    cursor.fail(
      'ENG_SQL_UNSUPPORTED',
      token,
      'INSERT INTO … VALUES is not supported yet.',
      'Write INSERT INTO … SELECT.',
    )
  }
  const isColumnList = cursor.at('(') && !['SELECT', 'WITH', 'FROM', 'VALUES'].includes(cursor.peek(1).keyword)
  if ((isColumnList && cursor.peek(1).text !== '(') || cursor.at('BY')) {
    const hint = `Columns go by their names: write INSERT INTO ${target} SELECT expression AS column, ….`
    cursor.fail('ENG_SQL_SYNTAX', token, 'INSERT INTO takes no list of columns.', hint)
  }
}

type InsertParts = {
  -readonly [K in 'partitionBy' | 'emit' | 'late' | 'allowLateness_ms' | 'every_ms']?: NonNullable<InsertNode[K]>
}

const tailClauses = (parts: InsertParts): readonly Clause[] => [
  {
    words: ['PARTITION', 'BY'],
    parse: (cursor) => {
      cursor.expect('PARTITION', 'BY')
      parts.partitionBy = readNames(cursor, 'a column to partition by')
    },
  },
  { words: ['EMIT'], parse: (cursor) => (parts.emit = readEmit(cursor)) },
  { words: ['LATE'], parse: (cursor) => (parts.late = readLate(cursor)) },
  {
    words: ['ALLOW', 'LATENESS'],
    parse: (cursor) => {
      cursor.expect('ALLOW', 'LATENESS')
      parts.allowLateness_ms = readInterval(cursor)
    },
  },
  {
    words: ['EVERY'],
    parse: (cursor) => {
      cursor.expect('EVERY')
      parts.every_ms = readInterval(cursor)
    },
  },
]

const readEmit = (cursor: Cursor): NonNullable<InsertNode['emit']> => {
  const from = cursor.index
  cursor.expect('EMIT')
  const word = cursor.oneOf('what EMIT gives', ['FINAL', 'CHANGES', 'ALL'])
  const modes = { FINAL: 'final', CHANGES: 'changes', ALL: 'all' } as const
  return { mode: modes[word], span: cursor.spanSince(from) }
}

const readLate = (cursor: Cursor): NonNullable<InsertNode['late']> => {
  const from = cursor.index
  cursor.expect('LATE')
  const word = cursor.oneOf('where late rows go', ['DROP', 'DEAD', 'INTO'])
  if (word === 'DROP') return { mode: 'drop', span: cursor.spanSince(from) }
  if (word === 'INTO') {
    const into = readObjectName(cursor, 'the name of a table or sink')
    return { mode: 'into', into, span: cursor.spanSince(from) }
  }
  cursor.expect('LETTER')
  return { mode: 'dead_letter', span: cursor.spanSince(from) }
}
