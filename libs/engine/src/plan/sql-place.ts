import type { Span } from '../core/diagnostics.ts'
import type { JsonValue } from '../core/json.ts'
import { utf16Position } from '../core/utf16-position.ts'
import type { SqlText } from '../sql/ast.ts'
import { sourceSpan } from '../sql/source-span.ts'
import { indexOf } from './engine-ast.ts'

/** Knows where a text that was given to DuckDB, `prefix + sql.text + …`, stands in the user's file. */
export interface SqlPlace {
  readonly sql: SqlText
  readonly prefix: string
}

const TOKEN =
  /^(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_$]*|[\d.]+)(?:\.(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*))*/u

const tokenSpan = (sql: SqlText, start: number): Span => {
  const at = Math.min(Math.max(start, 0), sql.text.length)
  const length = TOKEN.exec(sql.text.slice(at))?.[0].length ?? 1
  return sourceSpan(sql, at, at + length)
}

/** Span of an error position, in UTF-16 units of the given text; the whole text where there is none. */
export const spanAt = ({ sql, prefix }: SqlPlace, position: number | undefined): Span =>
  position === undefined ? sourceSpan(sql, 0, sql.text.length) : tokenSpan(sql, position - prefix.length)

/** Span of a `query_location` of the AST, which counts bytes. */
export const spanOfLocation = (place: SqlPlace, location: JsonValue | undefined): Span => {
  const bytes = indexOf(location)
  if (bytes === undefined) return spanAt(place, undefined)
  return spanAt(place, utf16Position(`${place.prefix}${place.sql.text}`, bytes))
}
