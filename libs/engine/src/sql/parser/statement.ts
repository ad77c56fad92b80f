import type { ExplainNode, Identifier, StatementNode } from '../ast.ts'
import type { DiagnosticSink } from '../diagnostic-sink.ts'
import type { Token } from '../token.ts'
import { pairBrackets } from './brackets.ts'
import { readCreateJob } from './create-job.ts'
import { readCreateStream } from './create-stream.ts'
import { readCreateSink, readCreateTable } from './create-table.ts'
import { Cursor } from './cursor.ts'
import { readInsert } from './insert.ts'
import { refuseStatement } from './other-statements.ts'
import { readWholeSelect, startsSelect } from './select-body.ts'
import { readDescribe, readImport, readSet, readShow } from './small-statements.ts'

export interface ParsedStatement {
  /** Undefined where anything was complained of. */
  readonly node?: StatementNode
  /** What a faulty CREATE would have made. */
  readonly spoilt?: Identifier
}

/** Reads the tokens of one statement (without its `;`). Complaints go to the sink; `isFaulty`: the lexer had some. */
export const readStatement = (
  source: string,
  tokens: readonly Token[],
  sink: DiagnosticSink,
  isFaulty: boolean,
): ParsedStatement => {
  const before = sink.count
  const brackets = pairBrackets(tokens, sink)
  const statement = { source, tokens, brackets: brackets ?? new Map(), sink, placedSecrets: new Set<Token>() }
  const cursor = new Cursor(statement)
  const node = brackets === undefined ? undefined : cursor.attempt(() => readNode(cursor))
  if (brackets !== undefined) complainOfSecrets(cursor)
  if (node !== undefined && sink.count === before && !isFaulty) return { node }
  const spoilt = createdName(new Cursor(statement))
  return spoilt === undefined ? {} : { spoilt }
}

const readNode = (cursor: Cursor): StatementNode | undefined => {
  if (cursor.at('CREATE')) return readCreate(cursor)
  if (cursor.at('INSERT', 'INTO') || cursor.at('INSERT', 'OR')) return readInsert(cursor)
  if (cursor.at('IMPORT')) return readImport(cursor)
  if (cursor.at('SET')) return readSet(cursor)
  if (cursor.at('SHOW')) return readShow(cursor)
  if (cursor.at('DESCRIBE')) return readDescribe(cursor)
  if (cursor.at('EXPLAIN')) return readExplain(cursor)
  if (!startsSelect(cursor) || cursor.at('TABLE')) return refuseStatement(cursor)
  return { kind: 'select', select: readWholeSelect(cursor, 'a query'), span: cursor.spanSince(cursor.from) }
}

const READERS = new Map<string, (cursor: Cursor, orReplace: boolean) => StatementNode | undefined>([
  ['STREAM', readCreateStream],
  ['TABLE', readCreateTable],
  ['SINK', readCreateSink],
  ['JOB', readCreateJob],
])

const readCreate = (cursor: Cursor): StatementNode | undefined => {
  const orReplace = cursor.at('CREATE', 'OR', 'REPLACE')
  const created = cursor.peek(orReplace ? 3 : 1).keyword
  const read = READERS.get(created)
  if (read === undefined) return refuseStatement(cursor)
  for (let skipped = orReplace ? 4 : 2; skipped > 0; skipped--) cursor.next()
  refuseIfNotExists(cursor)
  return read(cursor, orReplace)
}

const refuseIfNotExists = (cursor: Cursor): void => {
  if (!cursor.at('IF', 'NOT', 'EXISTS')) return
  const span = cursor.span(cursor.peek(), cursor.peek(2))
  const hint = 'The file says what there is: leave it out, or write CREATE OR REPLACE.'
  cursor.complain('ENG_SQL_OTHER_DIALECT', span, 'IF NOT EXISTS is a spelling of other SQLs.', hint)
  cursor.take('IF', 'NOT', 'EXISTS')
}

const STAGES = { AST: 'ast', PLAN: 'plan', CONSUMPTION: 'consumption', SQL: 'sql' } as const

/**   EXPLAIN [(AST | PLAN | CONSUMPTION | SQL)] statement; PLAN where none is said. */
const readExplain = (cursor: Cursor): ExplainNode | undefined => {
  const { start } = cursor.peek()
  cursor.expect('EXPLAIN')
  let stage: ExplainNode['stage'] = 'plan'
  if (cursor.at('(') && cursor.peek(1).kind === 'word' && cursor.peek(2).text === ')') {
    const inside = cursor.group('a stage')
    const word = inside.oneOf('a stage', ['AST', 'PLAN', 'CONSUMPTION', 'SQL', 'SIZING', 'SPARK'])
    if (word === 'SIZING' || word === 'SPARK') {
      cursor.fail('ENG_SQL_UNSUPPORTED', cursor.peek(-2), `EXPLAIN (${word}) is not supported yet.`)
    }
    stage = STAGES[word]
  }
  const inner = cursor.rest()
  if (inner.at('EXPLAIN')) cursor.fail('ENG_SQL_SYNTAX', inner.peek(), 'EXPLAIN cannot explain an EXPLAIN.')
  if (inner.at('ANALYZE')) cursor.fail('ENG_SQL_UNSUPPORTED', inner.peek(), 'EXPLAIN ANALYZE is not supported yet.')
  if (inner.isDone) cursor.fail('ENG_SQL_SYNTAX', inner.peek(), 'After EXPLAIN a statement is wanted.')
  const statement = readNode(inner)
  if (statement === undefined) return undefined
  return { kind: 'explain', stage, statement, span: { ...statement.span, start } }
}

const createdName = (cursor: Cursor): Identifier | undefined => {
  if (!cursor.take('CREATE', 'OR', 'REPLACE') && !cursor.take('CREATE')) return undefined
  if (!['STREAM', 'TABLE', 'SINK', 'JOB'].includes(cursor.next().keyword)) return undefined
  cursor.take('IF', 'NOT', 'EXISTS')
  const token = cursor.peek()
  return token.kind === 'word' || token.kind === 'name' ? { name: token.value, span: cursor.span(token) } : undefined
}

/** A secret in a string that no option took. */
const complainOfSecrets = (cursor: Cursor): void => {
  const { tokens, placedSecrets } = cursor.statement
  for (const token of tokens) {
    if (token.shown === undefined || placedSecrets.has(token)) continue
    const message = 'A secret cannot stand here: plans, logs and commits would show it.'
    const hint = 'If it is no secret, give the variable a name that does not look like one.'
    cursor.complain('ENG_SQL_SECRET_PLACE', token, message, hint)
  }
}
