import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName, quoteText } from '@millrace/engine/duckdb/sql-text.ts'
import type { JsonValue } from '@millrace/engine/core/json.ts'
import { decodePartitionPath } from '@millrace/engine/core/partition-path.ts'
import { parseJson, printJson } from '@millrace/engine/sql/lossless.ts'
import type { StoredFile } from './pipelines.ts'
import type { Relation } from './relations.ts'

/** A node of DuckDB's serialised SQL. */
type Node = { readonly [key: string]: unknown }

const FILES = 'millrace_files_of_partitions'

/**
 * The files of a relation that a query can need: where it is one SELECT from that relation alone, whatever its WHERE
 * says of partition columns decides, and DuckDB itself is asked. All of them in every other case.
 */
export const neededFiles = async (
  connection: DuckDBConnection,
  relation: Relation,
  sql: string,
): Promise<readonly StoredFile[]> => {
  const { files, partitionBy } = relation
  if (partitionBy.length === 0 || files.length < 2) return files
  try {
    const filter = await partitionFilter(connection, relation, sql)
    return filter === undefined ? files : await matching(connection, relation, filter)
  } catch {
    // A query that is wrong says so itself, and a filter that cannot be asked alone filters nothing here.
    return files
  }
}

interface Filter {
  readonly alias: string
  readonly where: unknown
}

const serialized = async (connection: DuckDBConnection, sql: string): Promise<Node> => {
  const rows = await connection.runAndReadAll(`SELECT json_serialize_sql(${quoteText(sql)})::VARCHAR`)
  return parseJson(String(rows.getRows()[0]?.[0])) as Node
}

const selectOf = (ast: Node): Node | undefined => {
  const statements = ast['statements'] as readonly Node[] | undefined
  return statements?.length === 1 ? (statements[0]!['node'] as Node) : undefined
}

const partitionFilter = async (
  connection: DuckDBConnection,
  { name, partitionBy }: Relation,
  sql: string,
): Promise<Filter | undefined> => {
  const node = selectOf(await serialized(connection, sql))
  const from = node?.['from_table'] as Node | undefined
  const where = node?.['where_clause'] as Node | null | undefined
  if (node?.['type'] !== 'SELECT_NODE' || from?.['type'] !== 'BASE_TABLE' || !where) return undefined
  if (String(from['table_name']).toLowerCase() !== name.toLowerCase()) return undefined
  const partitions = new Set(partitionBy.map((column) => column.toLowerCase()))
  const parts = where['type'] === 'CONJUNCTION_AND' ? (where['children'] as readonly Node[]) : [where]
  const [first, ...others] = parts.filter((part) => speaksOnlyOf(part, partitions))
  // Elsewhere in the query the same relation may be read whole.
  if (first === undefined || nodesOf(node).filter((one) => one['type'] === 'BASE_TABLE').length !== 1) return undefined
  const alias = String(from['alias'] || name)
  const conjunction = { ...where, class: 'CONJUNCTION', type: 'CONJUNCTION_AND', children: [first, ...others] }
  return { alias, where: others.length === 0 ? first : conjunction }
}

const nodesOf = (value: unknown): readonly Node[] => {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(nodesOf)
  return Array.isArray(value) ? below : [value as Node, ...below]
}

const speaksOnlyOf = (part: Node, columns: ReadonlySet<string>): boolean => {
  const nodes = nodesOf(part)
  // Functions other than operators may answer otherwise the second time.
  const isCall = (node: Node) => node['class'] === 'FUNCTION' && node['is_operator'] !== true
  if (nodes.some((node) => node['class'] === 'SUBQUERY' || node['class'] === 'WINDOW' || isCall(node))) return false
  const names = nodes.filter((node) => node['class'] === 'COLUMN_REF').map((node) => node['column_names'] as string[])
  return names.length > 0 && names.every((path) => path.length <= 2 && columns.has(path.at(-1)!.toLowerCase()))
}

/** The value in a file's path as SQL; undefined where the path has none, or only the head of it. */
const partitionValue = ({ path, root }: StoredFile, column: string): string | undefined => {
  const folders = path.slice(root.length + 1, Math.max(root.length + 1, path.lastIndexOf('/')))
  const found = decodePartitionPath(folders).find(({ name }) => name.toLowerCase() === column.toLowerCase())
  if (found === undefined || found.value.kind === 'shortened') return undefined
  return found.value.kind === 'null' ? 'NULL' : quoteText(found.value.value)
}

const matching = async (
  connection: DuckDBConnection,
  { files, partitionBy, columns }: Relation,
  { alias, where }: Filter,
): Promise<readonly StoredFile[]> => {
  const types = partitionBy.map((column) => columns.find(({ name }) => name === column)?.type ?? 'VARCHAR')
  const names = partitionBy.map(quoteName)
  const values = files.map((file) => partitionBy.map((column) => partitionValue(file, column)))
  const unknown = (i: number): boolean => values[i]!.includes(undefined)
  const rows = values.flatMap((tuple, i) => (unknown(i) ? [] : [`(${[i, ...tuple].join(', ')})`]))
  if (rows.length === 0) return files
  const casts = names.map((name, i) => `CAST(${name} AS ${types[i]}) AS ${name}`)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${FILES} AS
     SELECT file_index, ${casts.join(', ')} FROM (VALUES ${rows.join(', ')}) AS t(file_index, ${names.join(', ')})`,
  )
  const ast = await serialized(connection, `SELECT file_index FROM ${FILES} AS ${quoteName(alias)}`)
  const statements = ast['statements'] as readonly Node[]
  const asked = { ...ast, statements: [{ ...statements[0], node: { ...selectOf(ast), where_clause: where } }] }
  const text = await connection.runAndReadAll(
    `SELECT json_deserialize_sql(${quoteText(printJson(asked as JsonValue))}::JSON)`,
  )
  const found = await connection.runAndReadAll(String(text.getRows()[0]?.[0]))
  const wanted = new Set(found.getRows().map(([index]) => Number(index)))
  return files.filter((_file, i) => unknown(i) || wanted.has(i))
}
