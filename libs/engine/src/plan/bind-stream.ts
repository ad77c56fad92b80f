import type { Span } from '../core/diagnostics.ts'
import { LIMITS } from '../core/limits.ts'
import { didYouMean } from '../core/suggest.ts'
import type { ColumnNode, CreateStreamNode, Identifier, SqlText, Violation } from '../sql/ast.ts'
import { type BoundExpression, bindExpression } from './bind-expression.ts'
import type { BindContext } from './bind-select.ts'
import { bindTypes } from './bind-type.ts'
import { takesFormat } from './cast-text.ts'
import { METADATA_NAMES } from './catalog.ts'
import { METADATA_COLUMNS, type SourcePlan, type StreamPlan } from './consumption-plan.ts'
import { checkDecodePath } from './decode-path.ts'
import { findName, quoteIdentifier, quoteLiteral, sameName } from './identifier.ts'
import { booleanOption, textOption } from './option-values.ts'
import { bindSource } from './source.ts'

export interface ValueColumn {
  readonly kind: 'value'
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly path: string
  readonly level: 0 | 1
  readonly format?: string
  /** SQL of a constant expression. */
  readonly default?: string
}
export interface GeneratedColumn {
  readonly kind: 'generated'
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly expression: BoundExpression
}
export type BoundColumn = ValueColumn | GeneratedColumn

export interface BoundCheck {
  readonly name: string
  readonly text: string
  readonly expression: BoundExpression
  readonly action: Violation
  /** The column that ON VIOLATION NULL empties. */
  readonly nulls?: string
}

export interface BoundStream {
  readonly kind: 'stream'
  readonly name: string
  readonly source: SourcePlan
  readonly format: {
    readonly kind: 'xml' | 'json'
    readonly row: string
    readonly nested?: string
    readonly trim: boolean
    readonly emptyAsNull: boolean
  }
  readonly columns: readonly BoundColumn[]
  readonly checks: readonly BoundCheck[]
  readonly onError: CreateStreamNode['onError']
  readonly rejectLimit?: StreamPlan['rejectLimit']
  readonly dedup?: StreamPlan['dedup']
  readonly watermark?: StreamPlan['watermark']
}

interface FlatColumn {
  readonly node: Exclude<ColumnNode, { kind: 'nested' }>
  readonly level: 0 | 1
}

type Flat = {
  readonly columns: readonly FlatColumn[]
  readonly nested?: { readonly text: string; readonly span: Span }
}

const flatten = (columns: readonly ColumnNode[], { problems }: BindContext): Flat => {
  const nests = columns.filter((column) => column.kind === 'nested')
  const [nest, second] = nests
  const deeper = nest?.columns.find((column) => column.kind === 'nested')
  for (const extra of [second, deeper]) {
    if (extra !== undefined) problems.error('ENG_SQL_UNSUPPORTED', extra.span, 'a stream may have one NESTED PATH')
  }
  const flat = columns.flatMap((column): readonly FlatColumn[] => {
    if (column.kind !== 'nested') return [{ node: column, level: 0 }]
    return column.columns.flatMap((child) => (child.kind === 'nested' ? [] : [{ node: child, level: 1 as const }]))
  })
  return nest === undefined ? { columns: flat } : { columns: flat, nested: nest.path }
}

const RESERVED = /^__/

const isMetadata = (name: string): boolean => METADATA_NAMES.some((other) => sameName(other, name))

const checkColumnNames = (columns: readonly FlatColumn[], { problems }: BindContext): void => {
  const seen: string[] = []
  for (const { node } of columns) {
    const { name, span } = node.name
    if (seen.some((other) => sameName(other, name))) {
      problems.error('ENG_SQL_COLUMN_DUPLICATE', span, `the column ${name} is defined twice`)
    }
    if (RESERVED.test(name)) problems.error('ENG_SQL_COLUMN_NAME', span, 'names that start with __ are reserved')
    if (isMetadata(name)) {
      problems.error('ENG_SQL_COLUMN_NAME', span, `${name} is a metadata column, which every stream has`)
    }
    seen.push(name)
  }
  const last = columns[LIMITS.columns_max]
  if (last !== undefined)
    problems.error('ENG_SQL_COLUMN_NAME', last.node.span, `a stream may have ${LIMITS.columns_max} columns`)
}

const checkPath = (
  kind: 'xml' | 'json',
  role: 'row' | 'nested' | 'column',
  text: string,
  span: Span,
  context: BindContext,
) => {
  const message = checkDecodePath(kind, role, text)
  if (message !== undefined) context.problems.error('ENG_SQL_PATH', span, message)
}

/** A JSON key that is no plain word must be quoted to be a path. */
const defaultPath = (kind: 'xml' | 'json', name: string): string =>
  kind === 'json' && !/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name) ? `$["${name.replace(/["\\]/g, '\\$&')}"]` : name

const bindFormat = async (
  node: Extract<ColumnNode, { kind: 'value' }>,
  type: string,
  { engine, problems }: BindContext,
) => {
  if (node.format === undefined) return
  const { text, span } = node.format
  if (!takesFormat(type)) {
    problems.error('ENG_SQL_TYPE', span, `FORMAT is for dates and times, and ${node.name.name} is ${type}`)
    return
  }
  const tried = await engine.describe(`SELECT strptime('', ${quoteLiteral(text)}) WHERE false`)
  const tested = tried.ok ? await engine.execute(`SELECT try_strptime('1', ${quoteLiteral(text)})`) : tried
  if (!tested.ok) problems.error('ENG_SQL_TYPE', span, tested.error.message.split('\n')[0] ?? 'not a strptime pattern')
}

const bindDefault = async (sql: SqlText, type: string, context: BindContext): Promise<string | undefined> => {
  const bound = await bindExpression(sql, EMPTY_RELATION, 'a DEFAULT', [], context)
  if (bound === undefined) return undefined
  const cast = await context.engine.execute(`SELECT CAST(${bound.sql} AS ${type})`)
  if (cast.ok) return `CAST(${bound.sql} AS ${type})`
  context.problems.error('ENG_SQL_TYPE', sql.span, cast.error.message.split('\n')[0] ?? `the default is no ${type}`)
  return undefined
}

/** A relation whose column no user can name: defaults may not look at other columns. */
const EMPTY_RELATION = '__no_columns'

const bindValue = async (
  { node, level }: FlatColumn & { readonly node: Extract<ColumnNode, { kind: 'value' }> },
  type: string,
  kind: 'xml' | 'json',
  context: BindContext,
): Promise<ValueColumn> => {
  const path = node.path?.text ?? defaultPath(kind, node.name.name)
  checkPath(kind, 'column', path, node.path?.span ?? node.name.span, context)
  await bindFormat(node, type, context)
  const given = node.default === undefined ? undefined : await bindDefault(node.default, type, context)
  return {
    kind: 'value',
    name: node.name.name,
    type,
    notNull: node.notNull,
    path,
    level,
    ...(node.format === undefined ? {} : { format: node.format.text }),
    ...(given === undefined ? {} : { default: given }),
  }
}

interface Typed extends FlatColumn {
  readonly type: string
}

/** Makes the stream's empty relation in the scratch database: its columns, then all metadata. */
const createRelation = async (
  name: string,
  columns: readonly Typed[],
  { engine, problems }: BindContext,
  span: Span,
) => {
  const own = columns.map(({ node, type }) => `${quoteIdentifier(node.name.name)} ${type}`)
  const metadata = Object.entries(METADATA_COLUMNS).map(([column, type]) => `${quoteIdentifier(column)} ${type}`)
  await engine.execute(`CREATE TABLE IF NOT EXISTS ${EMPTY_RELATION} ("__none" BOOLEAN)`)
  await engine.execute(`DROP TABLE IF EXISTS ${quoteIdentifier(name)}`)
  const made = await engine.execute(`CREATE TABLE ${quoteIdentifier(name)} (${[...own, ...metadata].join(', ')})`)
  if (!made.ok)
    problems.error('ENG_SQL_SELECT', span, made.error.message.split('\n')[0] ?? 'DuckDB refuses these columns')
  return made.ok
}

const bindGenerated = async (
  node: Extract<ColumnNode, { kind: 'generated' }>,
  type: string,
  stream: string,
  names: readonly string[],
  context: BindContext,
): Promise<GeneratedColumn | undefined> => {
  const expression = await bindExpression(node.expression, stream, 'a generated column', names, context)
  return expression && { kind: 'generated', name: node.name.name, type, notNull: node.notNull, expression }
}

/** Generated columns are computed in an order; one that needs itself has none. */
const checkCycles = (
  columns: readonly BoundColumn[],
  nodes: readonly FlatColumn[],
  { problems }: BindContext,
): void => {
  const done = new Set(columns.filter(({ kind }) => kind === 'value').map(({ name }) => name))
  const generated = columns.filter((column) => column.kind === 'generated')
  for (let round = 0; round < generated.length; round++) {
    for (const { name, expression } of generated) {
      if (expression.columns.every((other) => done.has(other) || isMetadata(other))) done.add(name)
    }
  }
  const stuck = generated.find(({ name }) => !done.has(name))
  const node = nodes.find((flat) => flat.node.name.name === stuck?.name)?.node
  if (node !== undefined)
    problems.error('ENG_SQL_EXPRESSION', node.span, `the generated column ${node.name.name} depends on itself`)
}

const bindColumns = async (node: CreateStreamNode, flat: Flat, kind: 'xml' | 'json', context: BindContext) => {
  const typed: Typed[] = []
  const types = await bindTypes(
    flat.columns.map((column) => column.node.type),
    context,
  )
  for (const [index, column] of flat.columns.entries()) {
    const type = types[index]
    if (type !== undefined) typed.push({ ...column, type })
  }
  const before = context.problems.errorCount
  if (typed.length < flat.columns.length) return undefined
  if (!(await createRelation(node.name.name, typed, context, node.name.span))) return undefined
  const names = typed.map((column) => column.node.name.name)
  const columns: BoundColumn[] = []
  for (const { node: column, level, type } of typed) {
    const bound =
      column.kind === 'value'
        ? await bindValue({ node: column, level }, type, kind, context)
        : await bindGenerated(column, type, node.name.name, names, context)
    if (bound !== undefined) columns.push(bound)
  }
  if (context.problems.errorCount > before) return undefined
  checkCycles(columns, flat.columns, context)
  return columns
}

const DEFAULT_ACTION: Readonly<Record<CreateStreamNode['onError'], Violation>> = {
  dead_letter: 'dead_letter',
  fail: 'fail',
  drop: 'drop',
  null: 'dead_letter',
}

/** ON VIOLATION NULL must know which column to empty, and nothing may have been computed from it. */
const nulledColumn = (
  check: BoundExpression,
  columns: readonly BoundColumn[],
  span: Span,
  { problems }: BindContext,
) => {
  const [only, ...others] = check.columns.filter((name) => !isMetadata(name))
  const column = only === undefined ? undefined : findName(columns, only)
  const complain = (message: string) => problems.error('ENG_SQL_EXPRESSION', span, message)
  if (column === undefined || others.length > 0) complain('ON VIOLATION NULL needs a CHECK of exactly one column')
  else if (column.notNull) complain(`ON VIOLATION NULL cannot empty ${column.name}, which is NOT NULL`)
  else if (columns.some((c) => c.kind === 'generated' && c.expression.columns.includes(column.name))) {
    complain(`ON VIOLATION NULL cannot empty ${column.name}: a generated column is computed from it`)
  }
  return column?.name
}

const bindChecks = async (node: CreateStreamNode, columns: readonly BoundColumn[], context: BindContext) => {
  const names = columns.map(({ name }) => name)
  const checks: BoundCheck[] = []
  for (const constraint of node.constraints) {
    if (checks.some(({ name }) => sameName(name, constraint.name.name))) {
      context.problems.error(
        'ENG_SQL_NAME_TAKEN',
        constraint.name.span,
        `two constraints are named ${constraint.name.name}`,
      )
    }
    const expression = await bindExpression(constraint.check, node.name.name, 'a CHECK', names, context)
    if (expression === undefined) continue
    if (expression.type !== 'BOOLEAN') {
      context.problems.error(
        'ENG_SQL_TYPE',
        constraint.check.span,
        `a CHECK must be BOOLEAN, this is ${expression.type}`,
      )
    }
    const action = constraint.onViolation ?? DEFAULT_ACTION[node.onError]
    const nulls = action === 'null' ? nulledColumn(expression, columns, constraint.check.span, context) : undefined
    const text = constraint.check.text.trim()
    checks.push({ name: constraint.name.name, text, expression, action, ...(nulls === undefined ? {} : { nulls }) })
  }
  return checks
}

const resolve = (identifier: Identifier, columns: readonly BoundColumn[], { problems }: BindContext) => {
  const column = findName(columns, identifier.name)
  if (column === undefined) {
    const hint = didYouMean(
      identifier.name,
      columns.map(({ name }) => name),
    )
    problems.error('ENG_SQL_COLUMN_UNKNOWN', identifier.span, `the stream has no column ${identifier.name}`, hint)
  }
  return column
}

const bindDedup = (node: CreateStreamNode, columns: readonly BoundColumn[], context: BindContext) => {
  if (node.dedup === undefined) return {}
  const names = node.dedup.columns.flatMap((column) => resolve(column, columns, context)?.name ?? [])
  return { dedup: { columns: names, within_ms: node.dedup.within_ms } }
}

const bindWatermark = async (node: CreateStreamNode, columns: readonly BoundColumn[], context: BindContext) => {
  if (node.watermark === undefined) return {}
  const { column, expression, idleAfter_ms } = node.watermark
  const found = resolve(column, columns, context)
  const names = columns.map(({ name }) => name)
  const bound = await bindExpression(expression, node.name.name, 'a WATERMARK', names, context)
  if (found === undefined || bound === undefined) return {}
  for (const [type, span] of [
    [found.type, column.span],
    [bound.type, expression.span],
  ] as const) {
    if (!type.startsWith('TIMESTAMP'))
      context.problems.error('ENG_SQL_TYPE', span, `a WATERMARK is a TIMESTAMP, this is ${type}`)
  }
  return {
    watermark: { column: found.name, expression: bound.sql, ...(idleAfter_ms === undefined ? {} : { idleAfter_ms }) },
  }
}

const refuseLater = (node: CreateStreamNode, { problems }: BindContext): 'xml' | 'json' | undefined => {
  if (node.keyFormat !== undefined) {
    problems.error(
      'ENG_SQL_UNSUPPORTED',
      node.keyFormat.span,
      'KEY FORMAT is not supported yet',
      'The key’s bytes are in _key.',
    )
  }
  const format = node.format.kind.name.toLowerCase()
  if (format === 'xml' || format === 'json') return format
  problems.error(
    'ENG_SQL_UNSUPPORTED',
    node.format.kind.span,
    `FORMAT ${node.format.kind.name} is not supported yet: XML and JSON are`,
  )
  return undefined
}

/** Binds a stream and leaves its empty relation in the scratch database. */
export const bindStream = async (node: CreateStreamNode, context: BindContext): Promise<BoundStream | undefined> => {
  const before = context.problems.errorCount
  const kind = refuseLater(node, context)
  const source = bindSource(node, context)
  const flat = flatten(node.columns, context)
  checkColumnNames(flat.columns, context)
  if (kind === undefined || context.problems.errorCount > before) return undefined
  const row = textOption(node.format.options, 'row') ?? (kind === 'json' ? '$' : '/')
  const rowSpan = node.format.options.find(({ name }) => sameName(name.name, 'row'))?.value.span ?? node.format.span
  checkPath(kind, 'row', row, rowSpan, context)
  if (flat.nested !== undefined) checkPath(kind, 'nested', flat.nested.text, flat.nested.span, context)
  const columns = await bindColumns(node, flat, kind, context)
  if (columns === undefined) return undefined
  const checks = await bindChecks(node, columns, context)
  const dedup = bindDedup(node, columns, context)
  const watermark = await bindWatermark(node, columns, context)
  if (source === undefined || context.problems.errorCount > before) return undefined
  const { rejectLimit } = node
  return {
    kind: 'stream',
    name: node.name.name,
    source,
    format: {
      kind,
      row,
      ...(flat.nested === undefined ? {} : { nested: flat.nested.text }),
      trim: booleanOption(node.format.options, 'trim') ?? kind === 'xml',
      emptyAsNull: booleanOption(node.format.options, 'empty_as_null') ?? kind === 'xml',
    },
    columns,
    checks,
    onError: node.onError,
    ...(rejectLimit === undefined
      ? {}
      : { rejectLimit: { percent: rejectLimit.percent, interval_ms: rejectLimit.interval_ms } }),
    ...dedup,
    ...watermark,
  }
}
