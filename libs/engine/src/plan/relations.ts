import type { JsonValue } from '../core/json.ts'
import { type EngineNode, isNode, listOf, nodesOf, textOf } from './engine-ast.ts'
import { FILE_FUNCTIONS, looksLikeFile } from './functions.ts'
import { nameKey } from './identifier.ts'

/** Names of CTEs that are in scope, in lower case. */
export type Scope = ReadonlySet<string>

export const NO_SCOPE: Scope = new Set()

/** The scope inside a query node, which may define CTEs. */
export const scopeInside = (node: EngineNode, scope: Scope): Scope => {
  const map = node['cte_map']
  if (!isNode(map)) return scope
  const names = nodesOf(map['map']).map((entry) => nameKey(textOf(entry['key'])))
  return names.length === 0 ? scope : new Set([...scope, ...names])
}

/** Calls `visit` on every object with the CTEs that it can see, parents first. */
export const walkScoped = (
  value: JsonValue | undefined,
  visit: (node: EngineNode, scope: Scope) => void,
  scope: Scope = NO_SCOPE,
): void => {
  if (Array.isArray(value)) for (const item of value) walkScoped(item, visit, scope)
  else if (isNode(value)) {
    const inside = scopeInside(value, scope)
    visit(value, inside)
    for (const child of Object.values(value)) walkScoped(child, visit, inside)
  }
}

/** Name of a BASE_TABLE without schema that is no CTE. */
export const tableName = (node: EngineNode, scope: Scope): string | undefined => {
  if (node['type'] !== 'BASE_TABLE' || textOf(node['schema_name']) !== '' || textOf(node['catalog_name']) !== '') {
    return undefined
  }
  const name = textOf(node['table_name'])
  return scope.has(nameKey(name)) ? undefined : name
}

/** The function of a TABLE_FUNCTION reference. */
export const tableFunction = (node: EngineNode): EngineNode | undefined =>
  node['type'] === 'TABLE_FUNCTION' && isNode(node['function']) ? node['function'] : undefined

const constantText = (node: JsonValue | undefined): string | undefined => {
  if (!isNode(node) || node['class'] !== 'CONSTANT' || !isNode(node['value'])) return undefined
  const { value } = node['value']
  return typeof value === 'string' ? value : undefined
}

/** Files of a static relation, as written; 'computed' where one is no literal; undefined for other relations. */
export const staticFilesOf = (node: EngineNode, scope: Scope): readonly string[] | 'computed' | undefined => {
  const name = tableName(node, scope)
  if (name !== undefined) return looksLikeFile(name) ? [name] : undefined
  const call = tableFunction(node)
  if (call === undefined || FILE_FUNCTIONS[nameKey(textOf(call['function_name']))] === undefined) return undefined
  const [first] = listOf(call['children'])
  const one = constantText(first)
  if (one !== undefined) return [one]
  if (!isNode(first) || textOf(first['function_name']) !== 'list_value') return 'computed'
  const items = listOf(first['children']).map(constantText)
  return items.every((item) => item !== undefined) && items.length > 0 ? (items as readonly string[]) : 'computed'
}

const replaceConstant = (node: JsonValue, change: (text: string) => string): JsonValue => {
  if (!isNode(node)) return node
  if (node['class'] === 'CONSTANT' && isNode(node['value']) && typeof node['value']['value'] === 'string') {
    return { ...node, value: { ...node['value'], value: change(node['value']['value']) } }
  }
  return { ...node, children: listOf(node['children']).map((child) => replaceConstant(child, change)) }
}

/** The static relation with its files' names changed. */
export const withFiles = (node: EngineNode, change: (file: string) => string): EngineNode => {
  if (node['type'] === 'BASE_TABLE') {
    const file = textOf(node['table_name'])
    return { ...node, table_name: change(file), alias: textOf(node['alias']) || stemOf(file) }
  }
  const call = node['function'] as EngineNode
  const [first, ...rest] = listOf(call['children'])
  return { ...node, function: { ...call, children: [replaceConstant(first ?? null, change), ...rest] } }
}

/** The name that DuckDB gives to `FROM 'dir/name.csv'`. */
const stemOf = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\..*$/s, '')

/** The name by which a query can speak of a static relation that has no alias. */
export const defaultAlias = (node: EngineNode): string => {
  const call = tableFunction(node)
  return call === undefined ? stemOf(textOf(node['table_name'])) : textOf(call['function_name'])
}

/** Streams that stand directly in a FROM, joins included, subqueries not, with the names that the query gives them. */
export const directTables = (
  from: JsonValue | undefined,
  scope: Scope,
): readonly { readonly alias: string; readonly name: string }[] => {
  if (!isNode(from)) return []
  if (from['type'] === 'JOIN') return [...directTables(from['left'], scope), ...directTables(from['right'], scope)]
  const name = tableName(from, scope)
  return name === undefined ? [] : [{ alias: textOf(from['alias']) || name, name }]
}
