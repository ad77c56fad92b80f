import type { JsonValue } from '../core/json.ts'

/** What DuckDB says about a text. `position` is an index of UTF-16 units into the text that was given. */
export interface EngineError {
  readonly type: string
  readonly message: string
  readonly position?: number
}
export type EngineResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: EngineError }

/**
 * DuckDB's parser and binder, as pure passes see them: text in, plain values out. The database behind it is a scratch
 * one in memory, UTC, with the catalog's streams and tables as empty tables.
 */
export interface SqlEngine {
  /** The AST of one SELECT (`json_serialize_sql`), numbers lossless. */
  parse(select: string): Promise<EngineResult<JsonValue>>
  /** SQL text of such an AST (`json_deserialize_sql`); locations are stripped first. */
  print(ast: JsonValue): Promise<string>
  /** Columns that a SELECT would give (binds, runs nothing). */
  describe(select: string): Promise<EngineResult<readonly { readonly name: string; readonly type: string }[]>>
  /** The bound logical plan (`json_serialize_plan`); `pruned`: without the columns that nothing uses. */
  plan(select: string, options?: { readonly pruned?: boolean }): Promise<EngineResult<JsonValue>>
  /** Runs DDL in the scratch database. */
  execute(sql: string): Promise<EngineResult<undefined>>
  close(): Promise<void>
}
