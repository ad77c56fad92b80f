import { LIMITS } from '../../core/limits.ts'
import type { DiagnosticSink } from '../diagnostic-sink.ts'
import type { Token } from '../token.ts'

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** For each opening bracket's index the index of its closing one. */
export type Brackets = ReadonlyMap<number, number>

/**
 * Pairs a statement's brackets, or complains and answers undefined: then no clause of it can be told from another.
 * CASE … END counts as nesting too, since DuckDB's parser descends into it.
 */
export const pairBrackets = (tokens: readonly Token[], sink: DiagnosticSink): Brackets | undefined => {
  const pairs = new Map<number, number>()
  const open: number[] = []
  let cases = 0
  for (const [index, token] of tokens.entries()) {
    if (token.keyword === 'CASE') cases += 1
    else if (token.keyword === 'END' && cases > 0) cases -= 1
    if (token.kind === 'symbol' && CLOSING[token.text] !== undefined) open.push(index)
    if (open.length + cases > LIMITS.sql_expression_depth_max) return complainOfDepth(token, sink)
    if (token.kind !== 'symbol') continue
    if (token.text === ')' || token.text === ']' || token.text === '}') {
      const last = open.at(-1)
      if (last === undefined) return complainOfClosing(token, undefined, sink)
      if (CLOSING[tokens[last]!.text] !== token.text) return complainOfClosing(token, tokens[last], sink)
      open.pop()
      pairs.set(last, index)
    }
  }
  const unclosed = tokens[open.at(-1) ?? -1]
  if (unclosed === undefined) return pairs
  const { start, end } = unclosed
  sink.error({ code: 'ENG_SQL_BRACKETS', start, end, message: `This ${unclosed.text} is not closed.` })
  return undefined
}

const complainOfDepth = ({ start, end }: Token, sink: DiagnosticSink): undefined => {
  const message = `The nesting here is deeper than ${LIMITS.sql_expression_depth_max}.`
  sink.error({ code: 'ENG_SQL_TOO_DEEP', start, end, message })
}

const complainOfClosing = (
  { start, end, text }: Token,
  opening: Token | undefined,
  sink: DiagnosticSink,
): undefined => {
  const message =
    opening === undefined ? `This ${text} closes nothing.` : `This ${text} cannot close the ${opening.text} before it.`
  sink.error({ code: 'ENG_SQL_BRACKETS', start, end, message })
}
