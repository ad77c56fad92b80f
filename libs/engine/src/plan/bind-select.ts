import type { Span } from '../core/diagnostics.ts'
import { MillraceError } from '../core/errors/index.ts'
import type { JsonValue } from '../core/json.ts'
import type { SqlEngine } from '../duckdb/sql-engine-port.ts'
import type { SqlText } from '../sql/ast.ts'
import { printJson } from '../sql/lossless.ts'
import { type Catalog, METADATA_NAMES } from './catalog.ts'
import { checkNames, readsBroken } from './check-names.ts'
import { type EngineNode, find, isNode, queryOf, textOf } from './engine-ast.ts'
import { reportEngineError } from './engine-problem.ts'
import { nameKey, quoteIdentifier, sameName } from './identifier.ts'
import { resolvePath } from './location.ts'
import type { Problems } from './problems.ts'
import type { Column } from './program.ts'
import { defaultAlias, NO_SCOPE, staticFilesOf, tableName, walkScoped, withFiles } from './relations.ts'
import { type RewriteRules, rewriteSelect } from './rewrite.ts'
import { type SqlPlace, spanAt, spanOfLocation } from './sql-place.ts'
import { readPlan, type StatefulReason } from './stateless.ts'

/** A SELECT that DuckDB has bound over the catalog, and that may run on each batch for itself. */
export interface BoundSelect {
  readonly sql: SqlText
  readonly ast: JsonValue
  readonly columns: readonly Column[]
  /** Key of each stream that it reads, through views too → the columns that it uses, metadata included. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>
  /** Keys of the views that it names itself. */
  readonly views: readonly string[]
  /** Absolute. */
  readonly staticFiles: readonly string[]
  readonly plan: JsonValue
}

export interface BindContext {
  readonly engine: SqlEngine
  readonly catalog: Catalog
  readonly problems: Problems
  readonly cwd: string
  /** JSON of a static relation → its empty twin in the scratch database. */
  readonly twins: Map<string, string>
  /** Why a text with a scheme cannot be a LOCATION, or undefined. */
  readonly locationFault: (text: string) => string | undefined
}

/** Metadata columns that the relation of a stream has, by the stream's name. */
export type MetadataOf = (stream: string) => readonly string[]

const ALL_METADATA: MetadataOf = () => METADATA_NAMES

const rewriteRules = (context: BindContext, hidden: MetadataOf): RewriteRules => {
  const columns = new Set(context.catalog.columnNames().map(nameKey))
  return {
    hiddenColumns: (relation) => (context.catalog.stream(relation) === undefined ? [] : hidden(relation)),
    isColumn: (word) => columns.has(word),
    file: (path) => resolvePath(context.cwd, path),
  }
}

/** SQL text of a bound SELECT as it runs over relations that have just these metadata columns, hidden from `*`. */
export const printSelect = (
  context: BindContext,
  select: Pick<BoundSelect, 'ast'>,
  hidden: MetadataOf = ALL_METADATA,
) => context.engine.print(rewriteSelect(select.ast, rewriteRules(context, hidden)))

const twinKey = (node: EngineNode): string => {
  const { alias: _alias, query_location: _location, column_name_alias: _columns, sample: _sample, ...rest } = node
  return printJson(rest).replace(/"query_location":\d+,?/g, '')
}

const selectAllFrom = (from: EngineNode, template: JsonValue): JsonValue =>
  isNode(template) ? { ...template, node: { ...queryOf(template), from_table: from } } : template

/** Makes an empty table like each static relation: some readers' plans cannot be serialised, and no data is needed. */
const makeTwins = async (ast: JsonValue, place: SqlPlace, context: BindContext): Promise<void> => {
  const { engine, problems, twins } = context
  const relations: EngineNode[] = []
  walkScoped(ast, (node, scope) => {
    if (staticFilesOf(node, scope) !== undefined && !twins.has(twinKey(node))) relations.push(node)
  })
  for (const relation of relations) {
    const template = await engine.parse('SELECT * FROM t')
    if (!template.ok) return
    const absolute = withFiles({ ...relation, alias: '', column_name_alias: [], sample: null }, (file) =>
      resolvePath(context.cwd, file),
    )
    const select = await engine.print(selectAllFrom(absolute, template.value))
    const name = `__static_${twins.size}`
    const made = await engine.execute(`CREATE TABLE ${quoteIdentifier(name)} AS SELECT * FROM (${select}) LIMIT 0`)
    if (made.ok) twins.set(twinKey(relation), name)
    else {
      const [message] = made.error.message.split('\n')
      problems.error('ENG_SQL_STATIC_FILE', spanOfLocation(place, relation['query_location']), message ?? '')
    }
  }
}

const twinOf = (node: EngineNode, twins: ReadonlyMap<string, string>): EngineNode => ({
  type: 'BASE_TABLE',
  alias: textOf(node['alias']) || defaultAlias(node),
  sample: node['sample'] ?? null,
  schema_name: '',
  table_name: twins.get(twinKey(node)) ?? '',
  column_name_alias: node['column_name_alias'] ?? [],
  catalog_name: '',
  at_clause: null,
})

const LAST_WORDS: Readonly<Record<string, (node: EngineNode) => boolean>> = {
  LOGICAL_WINDOW: (node) => node['class'] === 'WINDOW',
  LOGICAL_LIMIT: (node) => textOf(node['type']).startsWith('LIMIT'),
  LOGICAL_ORDER_BY: (node) => node['type'] === 'ORDER_MODIFIER' && JSON.stringify(node['orders']) !== '[]',
  LOGICAL_DISTINCT: (node) => node['type'] === 'DISTINCT_MODIFIER',
}

/** Where the clause of a refused operator stands; the whole SELECT where the AST keeps no location for it. */
const spanOfReason = (reason: StatefulReason, ast: JsonValue, place: SqlPlace): Span => {
  const called = find(
    ast,
    (node) => node['class'] === 'FUNCTION' && sameName(textOf(node['function_name']), reason.functionName ?? ''),
  )
  const test = LAST_WORDS[reason.operator]
  const clause = called ?? (test === undefined ? undefined : find(ast, test))
  const located = find(clause ?? null, (node) => 'query_location' in node)
  return spanOfLocation(place, located?.['query_location'])
}

const HINT =
  'Only queries that treat each record for itself run over a stream now; millrace query aggregates the table.'

/** Reads the plan twice: as written, to judge it, and pruned, to see which columns matter. */
const judge = async (ast: JsonValue, place: SqlPlace, context: BindContext) => {
  const { engine, catalog, problems } = context
  const rules = {
    ...rewriteRules(context, ALL_METADATA),
    staticRelation: (n: EngineNode) => twinOf(n, context.twins),
  }
  const text = await engine.print(rewriteSelect(ast, rules))
  const plan = await engine.plan(text)
  if (!plan.ok) {
    reportEngineError(problems, place, { type: plan.error.type, message: plan.error.message })
    return undefined
  }
  const isStream = (table: string) => catalog.stream(table) !== undefined
  const full = readPlan(plan.value as EngineNode, isStream)
  if (full.reason !== undefined) {
    const message = `${full.reason.what} over a stream is not supported yet`.replace(', over', ' over')
    problems.error('ENG_SQL_STATEFUL', spanOfReason(full.reason, ast, place), message, HINT)
    return undefined
  }
  // DuckDB cannot serialise some pruned plans (CTEs, for one); reading too many columns is then the safe answer.
  const pruned = await engine.plan(text, { pruned: true })
  const used = pruned.ok ? readPlan(pruned.value as EngineNode, isStream).used : full.used
  return {
    plan: plan.value,
    used: new Map([...full.used.keys()].map((name) => [nameKey(name), used.get(name) ?? new Set<string>()])),
  }
}

const staticFilesIn = (ast: JsonValue, cwd: string): readonly string[] => {
  const files = new Set<string>()
  walkScoped(ast, (node, scope) => {
    const found = staticFilesOf(node, scope)
    if (found !== undefined && found !== 'computed') for (const file of found) files.add(resolvePath(cwd, file))
  })
  return [...files]
}

const viewsIn = (ast: JsonValue, catalog: Catalog): readonly string[] => {
  const views = new Set<string>()
  walkScoped(ast, (node, scope) => {
    const name = tableName(node, scope ?? NO_SCOPE)
    if (name !== undefined && catalog.get(name)?.kind === 'view') views.add(nameKey(name))
  })
  return [...views]
}

const duplicateOf = (columns: readonly Column[]): string | undefined =>
  columns.find(({ name }, index) => columns.slice(0, index).some((other) => sameName(other.name, name)))?.name

const reportNotSelect = (problems: Problems, place: SqlPlace, sql: SqlText): void => {
  const pivot = /^\s*pivot\b/i.test(sql.text)
  const message = pivot ? 'PIVOT without IN cannot run over a stream' : 'only a SELECT may stand here'
  problems.error(pivot ? 'ENG_SQL_STATEFUL' : 'ENG_SQL_SYNTAX', spanAt(place, 0), message)
}

const bind = async (sql: SqlText, context: BindContext): Promise<BoundSelect | undefined> => {
  const { engine, catalog, problems } = context
  const place: SqlPlace = { sql, prefix: '' }
  const before = problems.errorCount
  const names = [...catalog.columnNames(), ...catalog.readableNames(), ...METADATA_NAMES]
  const parsed = await engine.parse(sql.text)
  if (!parsed.ok) {
    if (parsed.error.type === 'not implemented') reportNotSelect(problems, place, sql)
    else reportEngineError(problems, place, parsed.error, names)
    return undefined
  }
  const ast = parsed.value
  checkNames(ast, catalog, place, problems)
  if (readsBroken(ast, catalog)) return undefined
  if (problems.errorCount > before) return undefined
  const staticFiles = staticFilesIn(ast, context.cwd)
  if (staticFiles.length > 0) await makeTwins(ast, place, context)
  if (problems.errorCount > before) return undefined
  // Positions are those of the user's text only where that text itself is bound; relative file names forbid it.
  const written = staticFiles.length > 0 ? undefined : await engine.describe(sql.text)
  if (written?.ok === false) {
    reportEngineError(problems, place, written.error, names)
    return undefined
  }
  const described = await engine.describe(await printSelect(context, { ast }))
  if (!described.ok) {
    reportEngineError(problems, place, { type: described.error.type, message: described.error.message }, names)
    return undefined
  }
  const twice = duplicateOf(described.value)
  if (twice !== undefined) {
    const hint = 'Give one of them another name with AS, or leave it out with * EXCLUDE (…).'
    problems.error('ENG_SQL_COLUMN_DUPLICATE', spanAt(place, undefined), `two columns are named ${twice}`, hint)
    return undefined
  }
  const judged = await judge(ast, place, context)
  if (judged === undefined) return undefined
  return { sql, ast, columns: described.value, staticFiles, views: viewsIn(ast, catalog), ...judged }
}

/** Binds one SELECT; undefined, with the reasons among `problems`, where it cannot run over a stream. */
export const bindSelect = async (sql: SqlText, context: BindContext): Promise<BoundSelect | undefined> => {
  try {
    return await bind(sql, context)
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || thrown.code !== 'ENG_SQL_NOT_PRINTABLE') throw thrown
    context.problems.error(thrown.code, spanAt({ sql, prefix: '' }, undefined), thrown.message)
    return undefined
  }
}
