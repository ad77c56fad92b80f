import type { ColumnNode, ConstraintNode, Identifier, SqlText, Violation, WatermarkNode } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { foreignSpelling } from './foreign-spellings.ts'
import { readInterval } from './intervals.ts'

export interface ColumnList {
  readonly columns: readonly ColumnNode[]
  readonly constraints: readonly ConstraintNode[]
  readonly watermark?: WatermarkNode
}

/**
 * `( entry, … )` of CREATE STREAM. Each entry between commas is read on its own, so that all mistakes are told at once:
 *
 *   entry      := column | nested | constraint | watermark
 *   column     := name TYPE { NOT NULL | PATH 'p' | FORMAT 'f' | DEFAULT e }  |  name TYPE AS (e) [NOT NULL]
 *   nested     := NESTED PATH 'p' COLUMNS ( column-or-nested, … )
 *   constraint := [CONSTRAINT name] CHECK (e) [ON VIOLATION FAIL | DROP ROW | NULL | DEAD LETTER | WARN]
 *   watermark  := WATERMARK FOR name AS e [IDLE AFTER interval]
 */
export const readColumnList = (cursor: Cursor): ColumnList => {
  const columns: ColumnNode[] = []
  const constraints: ConstraintNode[] = []
  let watermark: WatermarkNode | undefined
  for (const item of cursor.group('the columns').items()) {
    item.attempt(() => {
      if (item.at('WATERMARK', 'FOR')) {
        if (watermark !== undefined) {
          item.fail('ENG_SQL_CLAUSE_DUPLICATE', item.peek(), 'A stream has one WATERMARK, and this is the second.')
        }
        watermark = readWatermark(item)
      } else if (item.at('CONSTRAINT') || item.at('CHECK')) {
        constraints.push(readConstraint(item, constraints.length + 1))
      } else columns.push(readColumn(item))
    })
  }
  return { columns, constraints, ...(watermark === undefined ? {} : { watermark }) }
}

const readColumn = (cursor: Cursor): ColumnNode => {
  const foreign = foreignSpelling(cursor, 'The column list')
  if (foreign !== undefined) cursor.fail('ENG_SQL_OTHER_DIALECT', foreign.span, foreign.message, foreign.hint)
  if (cursor.at('NESTED', 'PATH')) return readNested(cursor)
  const from = cursor.index
  const name = cursor.name('a column’s name')
  const type = readType(cursor, name)
  if (cursor.take('AS')) return readGenerated(cursor, name, type, from)
  const parts = readColumnParts(cursor)
  return { kind: 'value', name, type, ...parts, span: cursor.spanSince(from) }
}

/** A type, as DuckDB will read it: all up to the first word that goes on with the column. */
export const readType = (cursor: Cursor, name: Identifier): SqlText => {
  if (cursor.isDone || startsColumnPart(cursor)) {
    cursor.fail(
      'ENG_SQL_SYNTAX',
      name.span,
      `The column ${name.name} has no type.`,
      `For text, write ${name.name} VARCHAR.`,
    )
  }
  if (cursor.peek().kind !== 'word' && cursor.peek().kind !== 'name') {
    const message = `Here the type of ${name.name} is wanted, not ${cursor.say(cursor.peek())}.`
    cursor.fail('ENG_SQL_SYNTAX', cursor.peek(), message)
  }
  const stop = (rest: Cursor): boolean =>
    startsColumnPart(rest) || foreignSpelling(rest, 'The column list') !== undefined
  return cursor.sqlText('a type', stop)
}

const startsColumnPart = (cursor: Cursor): boolean =>
  cursor.at('NOT') ||
  cursor.at('NULL') ||
  cursor.at('AS') ||
  cursor.at('DEFAULT') ||
  cursor.at('CHECK') ||
  cursor.at('CONSTRAINT') ||
  ((cursor.at('PATH') || cursor.at('FORMAT')) && cursor.peek(1).kind !== 'symbol')

interface ColumnParts {
  notNull: boolean
  path?: { readonly text: string; readonly span: ColumnNode['span'] }
  format?: { readonly text: string; readonly span: ColumnNode['span'] }
  default?: SqlText
}

const readColumnParts = (cursor: Cursor): ColumnParts => {
  const parts: ColumnParts = { notNull: false }
  while (!cursor.isDone) {
    const token = cursor.peek()
    const word = COLUMN_PARTS.find((candidate) => cursor.at(candidate))
    const given = { NOT: parts.notNull, PATH: parts.path, FORMAT: parts.format, DEFAULT: parts.default }
    if (word === undefined) complainOfColumnPart(cursor)
    else if (given[word]) cursor.fail('ENG_SQL_CLAUSE_DUPLICATE', token, `${word} is given twice for this column.`)
    cursor.next()
    if (word === 'NOT') {
      cursor.expect('NULL')
      parts.notNull = true
    } else if (word === 'PATH') parts.path = cursor.string('a path')
    else if (word === 'FORMAT') parts.format = cursor.string('a pattern')
    else parts.default = cursor.sqlText('a default value', endsDefault)
  }
  const { notNull, path, format } = parts
  return {
    notNull,
    ...(path === undefined ? {} : { path }),
    ...(format === undefined ? {} : { format }),
    ...(parts.default === undefined ? {} : { default: parts.default }),
  }
}

const COLUMN_PARTS = ['NOT', 'PATH', 'FORMAT', 'DEFAULT'] as const

/** `DEFAULT e` ends where another part of the column starts; `e` may itself hold `IS NOT NULL`. */
const endsDefault = (cursor: Cursor): boolean =>
  (cursor.at('NOT', 'NULL') && cursor.peek(-1).keyword !== 'IS') ||
  cursor.at('CHECK') ||
  ((cursor.at('PATH') || cursor.at('FORMAT')) && cursor.peek(1).kind === 'string')

const complainOfColumnPart = (cursor: Cursor): never => {
  const token = cursor.peek()
  const foreign = foreignSpelling(cursor, 'The column list')
  if (foreign !== undefined) cursor.fail('ENG_SQL_OTHER_DIALECT', foreign.span, foreign.message, foreign.hint)
  if (cursor.at('NULL'))
    cursor.fail('ENG_SQL_SYNTAX', token, 'NULL needs no saying: a column may be NULL unless NOT NULL.')
  if (cursor.at('CHECK') || cursor.at('CONSTRAINT')) {
    const hint = 'Put a comma before it: CHECK (…) is an entry of its own in the column list.'
    cursor.fail('ENG_SQL_SYNTAX', token, 'A CHECK is no part of a column.', hint)
  }
  if (cursor.at('AS')) cursor.fail('ENG_SQL_SYNTAX', token, 'AS (expression) stands right after the column’s type.')
  return cursor.failAt(token, `A column cannot go on with ${cursor.say(token)}.`, COLUMN_PARTS)
}

const readGenerated = (cursor: Cursor, name: Identifier, type: SqlText, from: number): ColumnNode => {
  const inside = cursor.group('the expression of the column')
  const expression = inside.sqlText('an expression')
  const notNull = cursor.take('NOT', 'NULL')
  cursor.expectEnd(`AS (…) of the column ${name.name}`)
  return { kind: 'generated', name, type, expression, notNull, span: cursor.spanSince(from) }
}

const readNested = (cursor: Cursor): ColumnNode => {
  const from = cursor.index
  cursor.expect('NESTED', 'PATH')
  const path = cursor.string('the path of the nested rows')
  cursor.expect('COLUMNS')
  const columns: ColumnNode[] = []
  const items = cursor.group('the columns of the nested rows').items()
  if (items.length === 0) cursor.complain('ENG_SQL_SYNTAX', path.span, 'Nested rows need at least one column.')
  for (const item of items) item.attempt(() => columns.push(readColumn(item)))
  cursor.expectEnd('COLUMNS (…)')
  return { kind: 'nested', path, columns, span: cursor.spanSince(from) }
}

const readConstraint = (cursor: Cursor, ordinal: number): ConstraintNode => {
  const from = cursor.index
  const given = cursor.take('CONSTRAINT') ? cursor.name('the constraint’s name') : undefined
  cursor.expect('CHECK')
  const check = cursor.group('the condition').sqlText('a condition')
  const onViolation = cursor.take('ON') ? readViolation(cursor) : undefined
  cursor.expectEnd('a constraint')
  const span = cursor.spanSince(from)
  const name = given ?? { name: `check_${ordinal}`, span }
  return { name, check, ...(onViolation === undefined ? {} : { onViolation }), span }
}

const readViolation = (cursor: Cursor): Violation => {
  cursor.expect('VIOLATION')
  const word = cursor.oneOf('what ON VIOLATION does', ['FAIL', 'DROP', 'NULL', 'DEAD', 'WARN'])
  if (word === 'DROP') cursor.expect('ROW')
  if (word === 'DEAD') cursor.expect('LETTER')
  const violations = { FAIL: 'fail', DROP: 'drop', NULL: 'null', DEAD: 'dead_letter', WARN: 'warn' } as const
  return violations[word]
}

const readWatermark = (cursor: Cursor): WatermarkNode => {
  const from = cursor.index
  cursor.expect('WATERMARK', 'FOR')
  const column = cursor.name('the column of event time')
  cursor.expect('AS')
  const expression = cursor.sqlText('an expression', (rest) => rest.at('IDLE', 'AFTER'))
  const idleAfter_ms = cursor.take('IDLE', 'AFTER') ? readInterval(cursor) : undefined
  cursor.expectEnd('WATERMARK')
  return { column, expression, ...(idleAfter_ms === undefined ? {} : { idleAfter_ms }), span: cursor.spanSince(from) }
}
