import { type ErrorCode, MillraceError } from '../core/errors/index.ts'

/** DuckDB's messages begin with the kind of the error (`Conversion Error: …`); the bindings give nothing finer. */
const codeOf = (message: string): ErrorCode => {
  // Also when a write to temp_directory fails, DuckDB's own limit on it included.
  if (/No space left on device|ENOSPC|Disk quota exceeded/i.test(message)) return 'ENG_DUCKDB_DISK_FULL'
  if (/^Out of Memory Error|max_temp_directory_size/i.test(message)) return 'ENG_DUCKDB_OUT_OF_MEMORY'
  if (/^IO Error/.test(message)) return 'ENG_DUCKDB_IO'
  return 'ENG_DUCKDB_QUERY'
}

/** What DuckDB said as a coded error. `what` names the step, for people: `writing raw_books`. */
export const queryError = (thrown: unknown, what: string): MillraceError => {
  if (thrown instanceof MillraceError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') {
    return new MillraceError('ENG_DUCKDB_DISK_FULL', `${what}: ${text}`, { cause: thrown })
  }
  return new MillraceError(codeOf(text), `${what}: ${text}`, { cause: thrown })
}
