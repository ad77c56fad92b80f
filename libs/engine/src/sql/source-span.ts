import type { Span } from '../core/diagnostics.ts'
import type { SqlText } from './ast.ts'

/**
 * Where `[start, end)` of an SqlText's text stands in the user's file. A position inside a filled `${…}` becomes the
 * whole `${…}`. Positions outside the text are brought to its nearest edge, so that any answer of DuckDB has a place.
 */
export const sourceSpan = (sql: SqlText, start: number, end: number): Span => {
  const from = Math.min(Math.max(start, 0), sql.text.length)
  const to = Math.min(Math.max(end, from), sql.text.length)
  return {
    file: sql.span.file,
    start: sourceStart(sql, from),
    end: Math.max(sourceEnd(sql, to), sourceStart(sql, from)),
  }
}

const sourceStart = (sql: SqlText, position: number): number => {
  let shift = sql.span.start
  for (const fill of sql.fills ?? []) {
    if (position < fill.start) break
    if (position < fill.end) return fill.source.start
    shift = fill.source.end - fill.end
  }
  return position + shift
}

const sourceEnd = (sql: SqlText, position: number): number => {
  let shift = sql.span.start
  for (const fill of sql.fills ?? []) {
    if (position <= fill.start) break
    if (position <= fill.end) return fill.source.end
    shift = fill.source.end - fill.end
  }
  return position + shift
}
