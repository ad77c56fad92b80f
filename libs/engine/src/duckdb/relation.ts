import duckdb, { type Connection, type LogicalType, type Vector } from '@duckdb/node-bindings'

/**
 * A relation whose rows are written into DuckDB's vectors by this thread. It is cut into pieces of at most
 * CHUNK_ROWS rows; DuckDB asks for one piece after the other, perhaps from two of its threads, but `fill` runs here,
 * one call at a time, for the columns that the query uses.
 */
export interface Relation {
  /** Rows in all, an exact hint for the optimizer. */
  readonly rows: number
  readonly pieces: number
  rowsOf(piece: number): number
  fill(piece: number, column: number, vector: Vector): void
}

export interface RelationColumn {
  readonly name: string
  readonly type: LogicalType
}

const { Type } = duckdb
const logical = (type: number): LogicalType => duckdb.create_logical_type(type)

export const TYPES = {
  varchar: logical(Type.VARCHAR),
  blob: logical(Type.BLOB),
  integer: logical(Type.INTEGER),
  bigint: logical(Type.BIGINT),
  ubigint: logical(Type.UBIGINT),
  timestamp: logical(Type.TIMESTAMP),
  timestamptz: logical(Type.TIMESTAMP_TZ),
} as const

export const listOf = (child: LogicalType): LogicalType => duckdb.create_list_type(child)
export const structOf = (members: Readonly<Record<string, LogicalType>>): LogicalType =>
  duckdb.create_struct_type(Object.values(members), Object.keys(members))

interface Scan {
  readonly relation: Relation
  readonly columns: readonly number[]
  piece: number
}

/**
 * Registers the table function `name()`. `current` gives the relation at the moment a query begins to scan; that query
 * keeps it. An error of `fill` stops the query, and goes to `onError` as it is.
 */
export const registerRelation = (
  connection: Connection,
  name: string,
  columns: readonly RelationColumn[],
  current: () => Relation,
  scanThreads: number,
  onError: (thrown: unknown) => void,
): void => {
  const definition = duckdb.create_table_function()
  duckdb.table_function_set_name(definition, name)
  duckdb.table_function_supports_projection_pushdown(definition, true)
  duckdb.table_function_set_bind(definition, (info) => {
    for (const column of columns) duckdb.bind_add_result_column(info, column.name, column.type)
    duckdb.bind_set_cardinality(info, current().rows, true)
  })
  duckdb.table_function_set_init(definition, (info) => {
    const wanted = Array.from({ length: duckdb.init_get_column_count(info) }, (_, i) =>
      duckdb.init_get_column_index(info, i),
    )
    const scan: Scan = { relation: current(), columns: wanted, piece: 0 }
    duckdb.init_set_init_data(info, scan)
    duckdb.init_set_max_threads(info, scanThreads)
  })
  duckdb.table_function_set_function(definition, (info, output) => {
    try {
      const scan = duckdb.function_get_init_data(info) as Scan
      const { relation } = scan
      const piece = scan.piece++
      const rows = piece < relation.pieces ? relation.rowsOf(piece) : 0
      for (let at = 0; rows > 0 && at < scan.columns.length; at++) {
        const column = scan.columns[at]!
        // A query that uses no column, such as count(*), asks for a row number that has no index here.
        if (column < columns.length) relation.fill(piece, column, duckdb.data_chunk_get_vector(output, at))
      }
      duckdb.data_chunk_set_size(output, rows)
    } catch (thrown) {
      onError(thrown)
      duckdb.data_chunk_set_size(output, 0)
      duckdb.function_set_error(info, 'a relation could not be read')
    }
  })
  duckdb.register_table_function(connection, definition)
  duckdb.destroy_table_function_sync(definition)
}

export const EMPTY_RELATION: Relation = { rows: 0, pieces: 0, rowsOf: () => 0, fill: () => undefined }
