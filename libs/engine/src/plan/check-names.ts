import type { JsonValue } from '../core/json.ts'
import { didYouMean } from '../core/suggest.ts'
import type { Catalog } from './catalog.ts'
import { type EngineNode, find, isNode, listOf, textOf } from './engine-ast.ts'
import {
  FILE_FUNCTIONS,
  looksLikeFile,
  PURE_TABLE_FUNCTIONS,
  RANDOM_FUNCTIONS,
  REFUSED_FUNCTIONS,
  WINDOW_TABLE_FUNCTIONS,
} from './functions.ts'
import { nameKey } from './identifier.ts'
import type { Problems } from './problems.ts'
import {
  directTables,
  NO_SCOPE,
  type Scope,
  scopeInside,
  staticFilesOf,
  tableFunction,
  tableName,
  walkScoped,
} from './relations.ts'
import { type SqlPlace, spanOfLocation } from './sql-place.ts'

interface Check {
  readonly catalog: Catalog
  readonly place: SqlPlace
  readonly problems: Problems
}

const checkTable = (node: EngineNode, scope: Scope, { catalog, place, problems }: Check): void => {
  const span = spanOfLocation(place, node['query_location'])
  const written = textOf(node['table_name'])
  const name = tableName(node, scope)
  if (name === undefined) {
    if (scope.has(nameKey(written)) && textOf(node['schema_name']) === '') return
    const known = catalog.readableNames()
    problems.error(
      'ENG_SQL_RELATION_UNKNOWN',
      span,
      `${written} has a schema or catalog; streams have none`,
      didYouMean(written, known),
    )
    return
  }
  const definition = catalog.get(name)
  if (definition?.kind === 'stream' || definition?.kind === 'view' || looksLikeFile(name)) return
  if (definition?.kind === 'table') {
    const hint = 'INSERTs read streams and static files; millrace query reads tables.'
    problems.error('ENG_SQL_UNSUPPORTED', span, `reading the table ${name} in a pipeline is not supported yet`, hint)
  } else if (definition?.kind === 'sink') {
    problems.error('ENG_SQL_RELATION_UNKNOWN', span, `${name} is a sink: nothing can be read from it`)
  } else if (!catalog.isBroken(name)) {
    problems.error(
      'ENG_SQL_RELATION_UNKNOWN',
      span,
      `there is no stream named ${name}`,
      didYouMean(name, catalog.readableNames()),
    )
  }
}

const checkTableFunction = (node: EngineNode, call: EngineNode, { place, problems }: Check): void => {
  const span = spanOfLocation(place, node['query_location'])
  const written = textOf(call['function_name'])
  const name = nameKey(written)
  if (FILE_FUNCTIONS[name] !== undefined || PURE_TABLE_FUNCTIONS.has(name)) return
  if (WINDOW_TABLE_FUNCTIONS.has(name)) {
    problems.error('ENG_SQL_STATEFUL', span, `${written.toUpperCase()} windows over a stream are not supported yet`)
  } else if (name === 'stream' || name === 'dead_letters') {
    problems.error(
      'ENG_SQL_UNSUPPORTED',
      span,
      `reading ${written.toUpperCase()}(…) in a pipeline is not supported yet`,
    )
  } else {
    const hint = didYouMean(name, [...Object.keys(FILE_FUNCTIONS), ...PURE_TABLE_FUNCTIONS])
    const allowed = 'Static data comes from read_parquet, read_csv, read_json or a file name.'
    problems.error(
      'ENG_SQL_FUNCTION_REFUSED',
      span,
      `the table function ${written} may not be used here`,
      hint ?? allowed,
    )
  }
}

const checkFiles = (node: EngineNode, scope: Scope, { place, problems }: Check): void => {
  const files = staticFilesOf(node, scope)
  if (files === undefined) return
  const span = spanOfLocation(place, node['query_location'])
  if (files === 'computed') {
    problems.error('ENG_SQL_STATIC_FILE', span, 'the name of a static file must be a string, or a list of strings')
  } else if (files.some((file) => /^[a-z][a-z0-9+.-]*:/i.test(file))) {
    problems.error('ENG_SQL_UNSUPPORTED', span, 'static files must be on local disk: remote ones are not supported yet')
  }
}

/** Reports a scalar function that may not run, and warns of one that differs from run to run. */
export const checkFunction = (
  node: EngineNode,
  place: SqlPlace,
  problems: Problems,
  random: 'warn' | 'refuse',
): void => {
  const name = nameKey(textOf(node['function_name']))
  const span = spanOfLocation(place, node['query_location'])
  if (REFUSED_FUNCTIONS.has(name)) {
    problems.error('ENG_SQL_FUNCTION_REFUSED', span, `the function ${name} may not be used in a pipeline`)
  } else if (RANDOM_FUNCTIONS.has(name)) {
    const message = `${name}() gives another value each time: a batch that is run again differs`
    if (random === 'warn') problems.warn('ENG_SQL_RANDOM', span, message)
    else
      problems.error('ENG_SQL_RANDOM', span, `${name}() may not be used here, because it gives another value each time`)
  }
}

/** A pattern would find the metadata columns too, which a lambda over the star does not. */
const checkPatterns = (node: EngineNode, scope: Scope, { catalog, place, problems }: Check): void => {
  const tables = directTables(node['from_table'], scope)
  if (!tables.some(({ name }) => catalog.stream(name) !== undefined)) return
  const pattern = find(
    node['select_list'],
    (item) => item['class'] === 'STAR' && isNode(item['expr']) && item['expr']['class'] === 'CONSTANT',
  )
  if (pattern === undefined) return
  const hint = "Write COLUMNS(lambda c: regexp_matches(c, '…'))."
  const span = spanOfLocation(place, pattern['query_location'])
  problems.error('ENG_SQL_UNSUPPORTED', span, 'COLUMNS with a pattern is not supported over a stream', hint)
}

const checkNode = (node: EngineNode, scope: Scope, check: Check): void => {
  const { catalog, place, problems } = check
  const span = () => spanOfLocation(place, node['query_location'])
  const call = tableFunction(node)
  if (node['type'] === 'BASE_TABLE') checkTable(node, scope, check)
  if (call !== undefined) checkTableFunction(node, call, check)
  checkFiles(node, scope, check)
  if (node['type'] === 'SELECT_NODE') checkPatterns(node, scope, check)
  if (node['class'] === 'FUNCTION' && call === undefined) checkFunction(node, place, problems, 'warn')
  const hidden = [...scopeInside(node, NO_SCOPE)].find((name) => catalog.isReadable(name))
  if (hidden !== undefined) {
    problems.error('ENG_SQL_NAME_TAKEN', span(), `the CTE ${hidden} has the name of a stream`, 'Give it another name.')
  }
  if (node['class'] === 'PARAMETER') {
    problems.error(
      'ENG_SQL_EXPRESSION',
      span(),
      'parameters such as $1 have no value here',
      'Write ${name} and give it with --set.',
    )
  }
  if (node['type'] === 'SHOW_REF') {
    problems.error('ENG_SQL_UNSUPPORTED', span(), 'DESCRIBE, SHOW and SUMMARIZE may not stand inside a SELECT')
  }
  if (node['type'] === 'PIVOT' && directTables(node['source'], scope).some(({ name }) => catalog.isReadable(name))) {
    const hint = 'Name the columns first: UNPIVOT (SELECT a, b FROM s) ON …'
    problems.error('ENG_SQL_UNSUPPORTED', span(), 'PIVOT and UNPIVOT directly over a stream are not supported', hint)
  }
  if (node['class'] === 'COLUMN_REF' && nameKey(textOf(listOf(node['column_names']).at(-1))) === 'rowid') {
    problems.error(
      'ENG_SQL_COLUMN_UNKNOWN',
      span(),
      'a stream has no rowid',
      '_partition and _offset identify a message.',
    )
  }
}

/** True where the SELECT reads something whose own definition has mistakes: to bind it would only repeat them. */
export const readsBroken = (ast: JsonValue, catalog: Catalog): boolean => {
  let broken = false
  walkScoped(ast, (node, scope) => {
    const name = tableName(node, scope)
    if (name !== undefined && catalog.isBroken(name)) broken = true
  })
  return broken
}

/**
 * Checks every name of a parsed SELECT before DuckDB binds it, so that nothing is opened which may not be. The
 * functions of table references are checked as such, not as scalar ones.
 */
export const checkNames = (ast: JsonValue, catalog: Catalog, place: SqlPlace, problems: Problems): void => {
  const calls = new Set<EngineNode>()
  walkScoped(ast, (node, scope) => {
    const call = tableFunction(node)
    if (call !== undefined) calls.add(call)
    if (!calls.has(node)) checkNode(node, scope, { catalog, place, problems })
  })
}
