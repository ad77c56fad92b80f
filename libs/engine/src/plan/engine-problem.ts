import type { ErrorCode } from '../core/errors/index.ts'
import { didYouMean } from '../core/suggest.ts'
import type { EngineError } from '../duckdb/sql-engine-port.ts'
import type { Problems } from './problems.ts'
import { type SqlPlace, spanAt } from './sql-place.ts'

const codeOf = ({ type, message }: EngineError): ErrorCode => {
  if (type === 'parser' || type === 'syntax') return 'ENG_SQL_SYNTAX'
  if (/column .* not found|does not have a column/i.test(message)) return 'ENG_SQL_COLUMN_UNKNOWN'
  if (/^Table with name/i.test(message)) return 'ENG_SQL_RELATION_UNKNOWN'
  return 'ENG_SQL_SELECT'
}

const hintOf = (rest: readonly string[], word: string | undefined, names: readonly string[]): string | undefined => {
  const ours = word === undefined ? undefined : didYouMean(word, names)
  if (ours !== undefined) return ours
  const theirs = rest.find((line) => /^(Did you mean|Candidate)/.test(line))
  return theirs?.replace(/"(?:main|system|pg_catalog)\./g, '"')
}

/** Reports what DuckDB says of a text, at its place in the user's file. `names` are candidates for "did you mean". */
export const reportEngineError = (
  problems: Problems,
  place: SqlPlace,
  error: EngineError,
  names: readonly string[] = [],
): void => {
  const [first, ...rest] = error.message.split('\n')
  const word = /"([^"]+)"|Table with name (\S+)/.exec(first ?? '')
  const hint = hintOf(rest, word?.[1] ?? word?.[2], names)
  problems.error(codeOf(error), spanAt(place, error.position), first ?? error.message, hint)
}
