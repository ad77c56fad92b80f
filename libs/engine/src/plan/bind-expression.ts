import type { JsonValue } from '../core/json.ts'
import { MillraceError } from '../core/errors/index.ts'
import type { SqlText } from '../sql/ast.ts'
import type { BindContext } from './bind-select.ts'
import { checkFunction } from './check-names.ts'
import { METADATA_NAMES } from './catalog.ts'
import { type EngineNode, isNode, listOf, nodesOf, queryOf, textOf, walk } from './engine-ast.ts'
import { reportEngineError } from './engine-problem.ts'
import { quoteIdentifier } from './identifier.ts'
import { rewriteSelect } from './rewrite.ts'
import { type SqlPlace, spanAt, spanOfLocation } from './sql-place.ts'
import { readPlan } from './stateless.ts'

export interface BoundExpression {
  /** Printed by DuckDB, `now()` read from the batch's time. */
  readonly sql: string
  readonly type: string
  /** Columns of the stream that it mentions, metadata included, in the catalog's spelling. */
  readonly columns: readonly string[]
}

const PREFIX = 'SELECT ('

/** True where the text is one expression and nothing of it reached past its brackets. */
const isOneExpression = (ast: JsonValue): boolean => {
  const node = queryOf(ast)
  const from = node['from_table']
  return (
    node['type'] === 'SELECT_NODE' &&
    listOf(node['select_list']).length === 1 &&
    listOf(node['modifiers']).length === 0 &&
    listOf(node['group_expressions']).length === 0 &&
    [node['where_clause'], node['having'], node['qualify'], node['sample']].every((clause) => clause === null) &&
    isNode(from) &&
    from['type'] === 'EMPTY'
  )
}

const REFUSED_CLASSES: Readonly<Record<string, string>> = {
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
  STAR: '*',
  PARAMETER: 'a parameter',
}

const checkClasses = (ast: JsonValue, what: string, place: SqlPlace, { problems }: BindContext): void =>
  walk(ast, (node) => {
    const refused = REFUSED_CLASSES[textOf(node['class'])]
    if (refused !== undefined) {
      const span = spanOfLocation(place, node['query_location'])
      problems.error('ENG_SQL_EXPRESSION', span, `${refused} may not stand in ${what}`)
    }
    if (node['class'] === 'FUNCTION') checkFunction(node, place, problems, 'refuse')
  })

const withFrom = (ast: JsonValue, from: EngineNode | undefined): JsonValue =>
  isNode(ast) && from !== undefined ? { ...ast, node: { ...queryOf(ast), from_table: from } } : ast

/** Reads the plan of `SELECT e FROM stream`: only a projection over the scan may come out. */
const readColumns = async (ast: JsonValue, relation: string, what: string, place: SqlPlace, context: BindContext) => {
  const { engine, problems } = context
  const template = await engine.parse(`SELECT 1 FROM ${quoteIdentifier(relation)}`)
  const from = template.ok ? queryOf(template.value)['from_table'] : undefined
  const plan = await engine.plan(await engine.print(withFrom(ast, isNode(from) ? from : undefined)))
  if (!plan.ok) {
    reportEngineError(problems, place, { type: plan.error.type, message: plan.error.message })
    return undefined
  }
  const root = plan.value as EngineNode
  const [child] = nodesOf(root['children'])
  if (root['type'] !== 'LOGICAL_PROJECTION' || child?.['type'] !== 'LOGICAL_GET') {
    problems.error('ENG_SQL_EXPRESSION', spanAt(place, PREFIX.length), `${what} may not aggregate or make rows`)
    return undefined
  }
  const used = readPlan(root, (table) => table === relation).used.get(relation)
  return [...(used ?? [])]
}

const bind = async (sql: SqlText, relation: string, what: string, names: readonly string[], context: BindContext) => {
  const { engine, problems } = context
  const place: SqlPlace = { sql, prefix: PREFIX }
  const before = problems.errorCount
  const parsed = await engine.parse(`${PREFIX}${sql.text}\n)`)
  if (!parsed.ok) {
    reportEngineError(problems, place, parsed.error, names)
    return undefined
  }
  if (!isOneExpression(parsed.value)) {
    problems.error('ENG_SQL_EXPRESSION', spanAt(place, undefined), `${what} must be one expression`)
    return undefined
  }
  checkClasses(parsed.value, what, place, context)
  if (problems.errorCount > before) return undefined
  const described = await engine.describe(`${PREFIX}${sql.text}\n) FROM ${quoteIdentifier(relation)}`)
  if (!described.ok) {
    reportEngineError(problems, place, described.error, [...names, ...METADATA_NAMES])
    return undefined
  }
  const isColumn = (word: string) => names.some((name) => name.toLowerCase() === word)
  const ast = rewriteSelect(parsed.value, { hiddenColumns: () => [], isColumn, file: (path) => path })
  const columns = await readColumns(ast, relation, what, place, context)
  if (columns === undefined) return undefined
  const printed = await engine.print(stripAlias(ast))
  return { sql: printed.replace(/^SELECT /, ''), type: described.value[0]?.type ?? '', columns }
}

const stripAlias = (ast: JsonValue): JsonValue => {
  if (!isNode(ast)) return ast
  const query = queryOf(ast)
  const list = nodesOf(query['select_list']).map((item) => ({ ...item, alias: '' }))
  return { ...ast, node: { ...query, select_list: list } }
}

/**
 * Binds an expression over a relation of the scratch database. `what` names its place in messages: "a CHECK". Refused:
 * subqueries, aggregates, windows, functions that look outside or give another value each time.
 */
export const bindExpression = async (
  sql: SqlText,
  relation: string,
  what: string,
  names: readonly string[],
  context: BindContext,
): Promise<BoundExpression | undefined> => {
  try {
    return await bind(sql, relation, what, names, context)
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || thrown.code !== 'ENG_SQL_NOT_PRINTABLE') throw thrown
    context.problems.error(thrown.code, spanAt({ sql, prefix: PREFIX }, undefined), thrown.message)
    return undefined
  }
}
