import { type EngineNode, indexOf, isNode, listOf, nodesOf, textOf } from './engine-ast.ts'

/** Why a bound plan cannot run over one batch after the other. */
export interface StatefulReason {
  readonly operator: string
  /** A clause that fits into "… is not supported over a stream". */
  readonly what: string
  /** Name of the aggregate or window function, to find its place in the text. */
  readonly functionName?: string
}

export interface PlanReading {
  readonly reason?: StatefulReason
  /** Stream name as in the plan → names of its columns that the plan reads. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>
}

/** Operators that give, for a union of inputs, the union of what they give for each. */
const STATELESS = new Set(['LOGICAL_PROJECTION', 'LOGICAL_FILTER', 'LOGICAL_UNNEST', 'LOGICAL_UNION', 'LOGICAL_GET'])

const JOINS = new Set(['LOGICAL_COMPARISON_JOIN', 'LOGICAL_ANY_JOIN', 'LOGICAL_DELIM_JOIN', 'LOGICAL_CROSS_PRODUCT'])

/** Joins that add to a row on the left, keep it or drop it, each row for itself. */
const LEFT_WISE = new Set(['INNER', 'LEFT', 'SEMI', 'ANTI', 'MARK', 'SINGLE'])
const RIGHT_WISE = new Set(['INNER', 'RIGHT', 'RIGHT_SEMI', 'RIGHT_ANTI'])

const NAMES: Readonly<Record<string, string>> = {
  LOGICAL_AGGREGATE_AND_GROUP_BY: 'an aggregate or GROUP BY',
  LOGICAL_WINDOW: 'a window function',
  LOGICAL_DISTINCT: 'DISTINCT or UNION without ALL',
  LOGICAL_ORDER_BY: 'ORDER BY',
  LOGICAL_TOP_N: 'ORDER BY with LIMIT',
  LOGICAL_LIMIT: 'LIMIT or OFFSET',
  LOGICAL_SAMPLE: 'a sample',
  LOGICAL_EXCEPT: 'EXCEPT',
  LOGICAL_INTERSECT: 'INTERSECT',
  LOGICAL_RECURSIVE_CTE: 'a recursive CTE',
  LOGICAL_ASOF_JOIN: 'an ASOF join',
  LOGICAL_POSITIONAL_JOIN: 'a POSITIONAL join',
  LOGICAL_PIVOT: 'PIVOT',
}

interface Reader {
  readonly isStream: (table: string) => boolean
  readonly used: Map<string, Set<string>>
  /** Table index of a CTE → whether a stream is seen through it. */
  readonly ctes: Map<string, boolean>
  reason: StatefulReason | undefined
}

const readGet = (node: EngineNode, reader: Reader): boolean => {
  const data = node['function_data']
  const table = isNode(data) ? textOf(data['table']) : ''
  if (table === '' || !reader.isStream(table)) return false
  const names = listOf(node['names']).map(textOf)
  const used = reader.used.get(table) ?? new Set<string>()
  for (const column of nodesOf(node['column_indexes'])) {
    const name = names[indexOf(column['index']) ?? -1]
    if (name !== undefined) used.add(name)
  }
  reader.used.set(table, used)
  return true
}

const functionOf = (node: EngineNode): string | undefined => {
  const [first] = nodesOf(node['expressions'])
  return first === undefined ? undefined : textOf(first['name']) || undefined
}

const refuse = (node: EngineNode, reader: Reader, what?: string): void => {
  const operator = textOf(node['type'])
  const name = functionOf(node)
  reader.reason ??= {
    operator,
    what: what ?? NAMES[operator] ?? `the operator ${operator.replace('LOGICAL_', '')}`,
    ...(name === undefined ? {} : { functionName: name }),
  }
}

const checkJoin = (node: EngineNode, sees: readonly boolean[], reader: Reader): void => {
  const [left, right] = sees
  const type = node['type'] === 'LOGICAL_CROSS_PRODUCT' ? 'INNER' : textOf(node['join_type'])
  const join = `${/^[AIO]/.test(type) ? 'an' : 'a'} ${type.replace('_', ' ')} join`
  if (left === true && right === true) refuse(node, reader, 'a join or subquery of a stream with a stream')
  else if (left === true && !LEFT_WISE.has(type)) refuse(node, reader, `${join} that keeps rows of the static side`)
  else if (right === true && !RIGHT_WISE.has(type)) refuse(node, reader, `${join} that keeps rows of the static side`)
}

/** The row numbers that DuckDB itself puts below a correlated unnest: a user's window has a projection above it. */
const isRowNumberOfDelimJoin = (node: EngineNode): boolean => {
  const [window, ...others] = nodesOf(node['expressions'])
  if (window === undefined || others.length > 0) return false
  const bare = listOf(window['partitions']).length === 0 && listOf(window['orders']).length === 0
  return bare && textOf(window['type']).includes('ROW_NUMBER')
}

/** True where rows of a stream come out of the node. */
const sees = (node: EngineNode, reader: Reader, parent?: EngineNode): boolean => {
  const type = textOf(node['type'])
  const children = nodesOf(node['children'])
  if (type === 'LOGICAL_GET' && readGet(node, reader)) return true
  if (type === 'LOGICAL_CTE_REF') return reader.ctes.get(cteIndex(node, 'cte_index')) === true
  if (type === 'LOGICAL_MATERIALIZED_CTE') {
    const [definition, body] = children
    const through = definition !== undefined && sees(definition, reader, node)
    reader.ctes.set(cteIndex(node, 'table_index'), through)
    return body !== undefined && sees(body, reader, node)
  }
  const below = children.map((child) => sees(child, reader, node))
  if (!below.includes(true)) return false
  if (JOINS.has(type)) checkJoin(node, below, reader)
  else if (type === 'LOGICAL_WINDOW' && parent?.['type'] === 'LOGICAL_DELIM_JOIN' && isRowNumberOfDelimJoin(node))
    return true
  else if (!STATELESS.has(type)) refuse(node, reader)
  else if (type === 'LOGICAL_UNION' && below.includes(false)) {
    refuse(node, reader, 'UNION ALL with rows of no stream, which each batch would add again,')
  }
  return true
}

const cteIndex = (node: EngineNode, key: string): string => String(indexOf(node[key]) ?? '')

/**
 * Reads DuckDB's bound logical plan: which streams and columns it reads, and whether it can run on each batch for
 * itself. An operator that is not known to be stateless and sees a stream is refused.
 */
export const readPlan = (plan: EngineNode, isStream: (table: string) => boolean): PlanReading => {
  const reader: Reader = { isStream, used: new Map(), ctes: new Map(), reason: undefined }
  sees(plan, reader)
  return { used: reader.used, ...(reader.reason === undefined ? {} : { reason: reader.reason }) }
}
