import type { SqlText } from '../ast.ts'
import { isReservedWord } from '../reserved-words.ts'
import type { Token } from '../token.ts'
import type { Cursor } from './cursor.ts'

/**
 * Where a SELECT ends and our clauses start: at the first word, at depth 0, that starts one of them. No SELECT of
 * DuckDB's holds such a word there: `PARTITION BY` of a window stands in brackets, and two names in a row end at
 * most a FROM item or a column (`x emit`), which is why what stands before and after is looked at too.
 */
export const startsTailClause = (cursor: Cursor): boolean => {
  if (!endsExpression(cursor.peek(-1)) && cursor.peek(-2).text !== '.') return false
  if (cursor.at('PARTITION', 'BY') || cursor.at('PARTITIONED', 'BY')) return true
  if (cursor.at('ALLOW', 'LATENESS')) return true
  if (cursor.at('EMIT')) return startsEmit(cursor)
  if (cursor.at('LATE')) return cursor.at('LATE', 'DROP') || cursor.at('LATE', 'DEAD') || cursor.at('LATE', 'INTO')
  if (!cursor.at('EVERY')) return false
  const next = cursor.peek(1)
  return (next.keyword === 'INTERVAL' && isAmount(cursor.peek(2))) || isAmount(next)
}

const isAmount = (token: Token): boolean => token.kind === 'string' || token.kind === 'number'

/** `emit final` may be a column with an alias; then the SELECT goes on after it. */
const startsEmit = (cursor: Cursor): boolean => {
  const mode = cursor.peek(1)
  if (mode.kind !== 'word' || (isReservedWord(mode.value) && mode.keyword !== 'ALL')) return false
  const after = cursor.peek(2)
  return after.kind === 'end' || TAIL_WORDS.has(after.keyword)
}

const TAIL_WORDS: ReadonlySet<string> = new Set(['PARTITION', 'PARTITIONED', 'EMIT', 'LATE', 'ALLOW', 'EVERY'])
const ENDING_WORDS: ReadonlySet<string> = new Set(
  'END NULL TRUE FALSE ALL ASC DESC DEFAULT ISNULL NOTNULL ONLY'.split(' '),
)

/** True for a token that can be the last of an expression or of a FROM item. */
const endsExpression = (token: Token): boolean => {
  if (token.kind === 'symbol')
    return token.text === ')' || token.text === ']' || token.text === '}' || token.text === '*'
  if (token.kind !== 'word') return token.kind !== 'end'
  return !isReservedWord(token.value) || ENDING_WORDS.has(token.keyword)
}

const SELECT_STARTS = ['SELECT', 'WITH', 'FROM', 'VALUES', 'TABLE', 'PIVOT', 'UNPIVOT', '('] as const

export const startsSelect = (cursor: Cursor): boolean => SELECT_STARTS.some((word) => cursor.at(word))

/** The SELECT from here to the first of our clauses, or to the end. Its grammar is DuckDB's to judge. */
export const readSelect = (cursor: Cursor, after: string): SqlText => {
  if (!startsSelect(cursor)) {
    const message = `After ${after} a SELECT is wanted, not ${cursor.say(cursor.peek())}.`
    cursor.failAt(cursor.peek(), message, SELECT_STARTS.slice(0, 3))
  }
  const from = cursor.index
  const select = cursor.sqlText('a SELECT', (rest) => rest.index > from && startsTailClause(rest))
  complainOfForeignForms(cursor, from)
  return select
}

/** A SELECT that is all of the rest: our clauses after it are complained of. */
export const readWholeSelect = (cursor: Cursor, after: string): SqlText => {
  const select = readSelect(cursor, after)
  if (cursor.isDone) return select
  const message = `${cursor.say(cursor.peek())} cannot follow the SELECT of ${after}.`
  const hint = 'PARTITION BY, EMIT, LATE, ALLOW LATENESS and EVERY belong to INSERT INTO … SELECT.'
  cursor.fail('ENG_SQL_OTHER_DIALECT', cursor.peek(), message, hint)
}

const WINDOW_HINT =
  'Write FROM TUMBLE(stream, ts, INTERVAL …), HOP(…) or SESSION(…) and GROUP BY window_start, window_end.'

/** Windows as ksqlDB and Flink spell them, which DuckDB would only call syntax errors. */
const complainOfForeignForms = (cursor: Cursor, from: number): void => {
  const { tokens } = cursor.statement
  for (let index = from; index < cursor.index; index++) {
    const token = tokens[index]!
    const next = tokens[index + 1]
    const isWindow = token.keyword === 'WINDOW' && ['TUMBLING', 'HOPPING', 'SESSION'].includes(next?.keyword ?? '')
    if (isWindow && tokens[index + 2]?.text === '(') {
      const span = cursor.span(token, next)
      cursor.complain('ENG_SQL_OTHER_DIALECT', span, `WINDOW ${next!.keyword} is a spelling of ksqlDB.`, WINDOW_HINT)
    }
    if (token.keyword === 'DESCRIPTOR' && next?.text === '(') {
      cursor.complain('ENG_SQL_OTHER_DIALECT', token, 'DESCRIPTOR(…) is a spelling of Flink.', WINDOW_HINT)
    }
  }
}
