import type { Diagnostic } from '../core/diagnostics.ts'
import { LIMITS } from '../core/limits.ts'
import type { FileNode, Identifier, StatementNode } from './ast.ts'
import { DiagnosticSink } from './diagnostic-sink.ts'
import { lex } from './lexer.ts'
import { readStatement } from './parser/statement.ts'
import { splitStatements } from './splitter.ts'
import type { Variables } from './variables.ts'

export interface ParseOptions extends Partial<Variables> {
  /** Name of the file, for spans and messages. */
  readonly file: string
}

export interface ParseResult {
  readonly file: FileNode
  /** Sorted by position, at most `diagnostics_max`. A statement with a mistake in it is not in `file.statements`. */
  readonly diagnostics: readonly Diagnostic[]
  /** True where there are more errors than `diagnostics` may hold. */
  readonly hasMore: boolean
  /** Names that faulty CREATE statements would have made: whoever misses one of them need not complain again. */
  readonly spoilt: readonly Identifier[]
}

/**
 * Parses one file. Never throws and always gives the same answer to the same arguments. All of our own clauses' errors
 * are reported at once; SELECT bodies and expressions are taken as they are, for DuckDB to judge. Without `lookup`,
 * each `${…}` has its default.
 */
export const parseFile = (text: string, options: ParseOptions): ParseResult => {
  const sink = new DiagnosticSink(options.file)
  const statements: StatementNode[] = []
  const spoilt: Identifier[] = []
  if (isTooLarge(text)) {
    const message = `The file is larger than ${LIMITS.sql_file_bytes_max} bytes.`
    sink.error({ code: 'ENG_SQL_FILE_TOO_LARGE', start: 0, end: 0, message })
  } else {
    const tokens = lex(text, { lookup: () => undefined, ...options }, sink)
    const faults = sink.positions()
    for (const statement of splitStatements(tokens)) {
      if (sink.isFull) break
      const isFaulty = faults.some((at) => at >= statement[0]!.start && at < statement.at(-1)!.end)
      const parsed = readStatement(text, statement, sink, isFaulty)
      if (parsed.node !== undefined) statements.push(parsed.node)
      if (parsed.spoilt !== undefined) spoilt.push(parsed.spoilt)
    }
  }
  const { hasMore } = sink
  return { file: deepFreeze({ file: options.file, text, statements }), diagnostics: sink.sorted(), hasMore, spoilt }
}

/** UTF-8 takes one to three bytes for a UTF-16 unit; only between the two bounds is there anything to count. */
const isTooLarge = (text: string): boolean => {
  if (text.length * 3 <= LIMITS.sql_file_bytes_max) return false
  if (text.length > LIMITS.sql_file_bytes_max) return true
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes > LIMITS.sql_file_bytes_max
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
