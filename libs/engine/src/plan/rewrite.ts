import type { JsonValue } from '../core/json.ts'
import { BATCH_TIME_VARIABLE } from './consumption-plan.ts'
import { type EngineNode, isNode, listOf, textOf } from './engine-ast.ts'
import { BATCH_TIME_BARE, BATCH_TIME_WORDS } from './functions.ts'
import { nameKey, sameName } from './identifier.ts'
import { directTables, NO_SCOPE, type Scope, scopeInside, staticFilesOf, withFiles } from './relations.ts'

/** What a rewrite knows of the world around the SELECT. */
export interface RewriteRules {
  /** Metadata columns that the relation of this name has and that `*` must not show; empty for what is no stream. */
  hiddenColumns(relation: string): readonly string[]
  /** True for a bare word such as `current_date` that is a column's name here. */
  isColumn(word: string): boolean
  /** Absolute path of a static file. */
  file(path: string): string
  /** Replaces a whole static relation, for planning. */
  staticRelation?(node: EngineNode): EngineNode
}

const NONE = { type: 'ORDER_MODIFIER', orders: [] }

const call = (name: string, children: readonly JsonValue[]): EngineNode => ({
  class: 'FUNCTION',
  type: 'FUNCTION',
  alias: '',
  function_name: name,
  schema: '',
  children,
  filter: null,
  order_bys: NONE,
  distinct: false,
  is_operator: false,
  export_state: false,
  catalog: '',
})

const cast = (child: JsonValue, type: string, alias = ''): EngineNode => ({
  class: 'CAST',
  type: 'OPERATOR_CAST',
  alias,
  child,
  cast_type: { id: type, type_info: null },
  try_cast: false,
})

const VARIABLE: EngineNode = {
  class: 'CONSTANT',
  type: 'VALUE_CONSTANT',
  alias: '',
  value: { type: { id: 'VARCHAR', type_info: null }, is_null: false, value: BATCH_TIME_VARIABLE },
}

const batchTime = (type: string, alias: string): EngineNode => {
  const instant = 'TIMESTAMP WITH TIME ZONE'
  const read = call('getvariable', [VARIABLE])
  return type === instant ? cast(read, instant, alias) : cast(cast(read, instant), type, alias)
}

/** The word of a node that means the batch's time, if it is one. */
const batchTimeWord = (node: EngineNode, rules: Pick<RewriteRules, 'isColumn'>): string | undefined => {
  if (node['class'] === 'FUNCTION' && listOf(node['children']).length === 0) {
    const name = nameKey(textOf(node['function_name']))
    return BATCH_TIME_WORDS[name] === undefined ? undefined : name
  }
  if (node['class'] !== 'COLUMN_REF') return undefined
  const names = listOf(node['column_names'])
  const word = nameKey(textOf(names[0]))
  return names.length === 1 && BATCH_TIME_BARE.has(word) && !rules.isColumn(word) ? word : undefined
}

/** `age(x)` counts from today: the one function that reads the clock and has an argument. */
const isAgeOfToday = (node: EngineNode): boolean =>
  node['class'] === 'FUNCTION' &&
  sameName(textOf(node['function_name']), 'age') &&
  listOf(node['children']).length === 1

const withBatchTime = (node: EngineNode, rules: RewriteRules): EngineNode => {
  const word = batchTimeWord(node, rules)
  if (word !== undefined) return batchTime(BATCH_TIME_WORDS[word]!, textOf(node['alias']))
  if (!isAgeOfToday(node)) return node
  const today = cast(batchTime('DATE', ''), 'TIMESTAMP')
  return { ...node, children: [today, ...listOf(node['children'])] }
}

/** A column of the answer keeps the name that DuckDB would have given it. */
const named = (item: JsonValue, rules: RewriteRules): JsonValue => {
  if (!isNode(item) || textOf(item['alias']) !== '') return item
  const word = batchTimeWord(item, rules)
  if (word === undefined) return item
  return { ...item, alias: item['class'] === 'FUNCTION' ? `${textOf(item['function_name'])}()` : word }
}

type HiddenOf = (relationName: string) => readonly string[]

/** Stars below `value`, but not those of subqueries, which have their own FROM. */
const hideInStars = (value: JsonValue, hiddenOf: HiddenOf): JsonValue => {
  if (Array.isArray(value)) return value.map((item) => hideInStars(item, hiddenOf))
  if (!isNode(value) || 'cte_map' in value) return value
  const node = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, hideInStars(child, hiddenOf)]))
  if (node['class'] !== 'STAR' || node['expr'] !== null) return node
  const excluded = listOf(node['exclude_list']).map(textOf)
  const hidden = hiddenOf(textOf(node['relation_name'])).filter(
    (name) => !excluded.some((other) => sameName(name, other)),
  )
  return hidden.length === 0 ? node : { ...node, exclude_list: [...excluded, ...hidden] }
}

const hideMetadata = (node: EngineNode, rules: RewriteRules, scope: Scope): EngineNode => {
  if (node['type'] !== 'SELECT_NODE') return node
  const tables = directTables(node['from_table'], scope)
  const hiddenOf: HiddenOf = (relation) => {
    const meant = relation === '' ? tables : tables.filter(({ alias }) => sameName(alias, relation))
    return [...new Set(meant.flatMap(({ name }) => rules.hiddenColumns(name)))]
  }
  return tables.length === 0 ? node : { ...node, select_list: hideInStars(node['select_list'] ?? [], hiddenOf) }
}

const rewriteNode = (original: EngineNode, rules: RewriteRules, scope: Scope): JsonValue => {
  const inside = scopeInside(original, scope)
  const isSelect = original['type'] === 'SELECT_NODE'
  const kept = isSelect
    ? { ...original, select_list: listOf(original['select_list']).map((i) => named(i, rules)) }
    : original
  const children = Object.entries(kept).map(([key, child]) => [key, rewriteValue(child, rules, inside)])
  const node: EngineNode = Object.fromEntries(children)
  if (staticFilesOf(node, inside) !== undefined) {
    return rules.staticRelation?.(node) ?? withFiles(node, (file) => rules.file(file))
  }
  return hideMetadata(withBatchTime(node, rules), rules, inside)
}

const rewriteValue = (value: JsonValue, rules: RewriteRules, scope: Scope): JsonValue => {
  if (Array.isArray(value)) return value.map((item) => rewriteValue(item, rules, scope))
  return isNode(value) ? rewriteNode(value, rules, scope) : value
}

/**
 * The SELECT as it runs: `now()` and its kin read the batch's time, static files have absolute paths, and `*` shows
 * no metadata column. Pure: gives a new AST.
 */
export const rewriteSelect = (ast: JsonValue, rules: RewriteRules): JsonValue => rewriteValue(ast, rules, NO_SCOPE)
