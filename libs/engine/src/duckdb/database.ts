import { DuckDBMaterializedResult, type DuckDBValue } from '@duckdb/node-api'
import duckdb, { type Connection, type Database as Handle, type Vector } from '@duckdb/node-bindings'
import { asMillraceError } from '../core/errors/index.ts'
import { queryError } from './query-errors.ts'
import { type Relation, type RelationColumn, registerRelation } from './relation.ts'

/** One in-memory DuckDB and its one connection. Queries are awaited one after the other. */
export class Database {
  readonly #handle: Handle
  readonly #connection: Connection
  /** What a relation threw while DuckDB read it: DuckDB would only tell the message. */
  #thrown: unknown

  private constructor(handle: Handle, connection: Connection) {
    this.#handle = handle
    this.#connection = connection
  }

  static async open(): Promise<Database> {
    const handle = await duckdb.open(':memory:')
    return new Database(handle, await duckdb.connect(handle))
  }

  /** `what` says what the statement is for, in an error's message. */
  async run(sql: string, what: string): Promise<void> {
    await this.#query(sql, what)
  }

  /** All rows as JavaScript values of @duckdb/node-api. For small results. */
  async rows(sql: string, what: string): Promise<DuckDBValue[][]> {
    const result = new DuckDBMaterializedResult(await this.#query(sql, what))
    return result.getRows()
  }

  /** The materialised result, for its column types. */
  async result(sql: string, what: string): Promise<DuckDBMaterializedResult> {
    return new DuckDBMaterializedResult(await this.#query(sql, what))
  }

  /** One number: the first column of the first row. */
  async count(sql: string, what: string): Promise<number> {
    const [row] = await this.rows(sql, what)
    return Number(row?.[0] ?? 0)
  }

  /** Hands over each chunk's vectors as they lie in memory; they are gone after `each` returns. */
  async chunks(sql: string, what: string, each: (vectors: readonly Vector[], rows: number) => void): Promise<void> {
    const result = await this.#query(sql, what)
    const columns = duckdb.column_count(result)
    for (;;) {
      const chunk = await duckdb.fetch_chunk(result)
      const rows = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk)
      if (chunk === null || rows === 0) return
      each(
        Array.from({ length: columns }, (_, i) => duckdb.data_chunk_get_vector(chunk, i)),
        rows,
      )
    }
  }

  register(name: string, columns: readonly RelationColumn[], current: () => Relation, scanThreads: number): void {
    registerRelation(this.#connection, name, columns, current, scanThreads, (thrown) => {
      this.#thrown ??= thrown
    })
  }

  close(): void {
    duckdb.disconnect_sync(this.#connection)
    duckdb.close_sync(this.#handle)
  }

  async #query(sql: string, what: string): Promise<Awaited<ReturnType<typeof duckdb.query>>> {
    try {
      return await duckdb.query(this.#connection, sql)
    } catch (thrown) {
      const inRelation = this.#thrown
      this.#thrown = undefined
      throw inRelation === undefined ? queryError(thrown, what) : asMillraceError(inRelation)
    }
  }
}
