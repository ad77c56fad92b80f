import type { Diagnostic } from '../core/diagnostics.ts'
import type { JsonValue } from '../core/json.ts'
import type { Limits } from '../core/limits.ts'
import { didYouMean } from '../core/suggest.ts'
import type { SqlEngine } from '../duckdb/sql-engine-port.ts'
import type { FileNode, Identifier, InsertNode, SetNode, StatementNode } from '../sql/ast.ts'
import { type BoundInsert, bindInsert } from './bind-insert.ts'
import { type BindContext, bindSelect, printSelect } from './bind-select.ts'
import { bindStream } from './bind-stream.ts'
import { bindSink, bindTable } from './bind-table.ts'
import { type BoundView, Catalog, type Definition } from './catalog.ts'
import type { ConsumptionPlan } from './consumption-plan.ts'
import { reportEngineError } from './engine-problem.ts'
import { quoteIdentifier } from './identifier.ts'
import { expandImports } from './imports.ts'
import { buildPipelines } from './pipelines.ts'
import { Problems } from './problems.ts'
import type { Inspection, Program } from './program.ts'
import { bindSettings } from './settings.ts'
import { summarize } from './summary.ts'

/** What compiling needs from the world. */
export interface CompilePorts {
  /** A fresh one per call: the catalog is built in its scratch database. */
  readonly engine: SqlEngine
  /** Text of an imported file, by absolute path; undefined when it cannot be read. */
  readFile(path: string): Promise<string | undefined>
  /** The clause parser, with the same variables as the main file. */
  parse(
    text: string,
    file: string,
  ): { readonly file: FileNode; readonly diagnostics: readonly Diagnostic[]; readonly hasMore?: boolean }
  /** Lower-case hex SHA-256 of a text's UTF-8. */
  sha256(text: string): string
  /** Why a text with a scheme cannot be a LOCATION, or undefined; absent: only the scheme is looked at. */
  locationFault?(text: string): string | undefined
}

export interface CompileOptions {
  /** Absolute folder that relative locations, static files and `embedded:` folders start at. */
  readonly cwd: string
  /** Limits that win over the file's own SET. */
  readonly overrides?: Partial<Limits>
  /** What the parser said of the file: comes back among the diagnostics. What it left out is not reported as missing. */
  readonly diagnostics?: readonly Diagnostic[]
  /** True where the parser left errors out of `diagnostics`. */
  readonly hasMore?: boolean
}

export interface Compiled {
  /** Absent when there is an error among the diagnostics. */
  readonly program: Program | undefined
  /** At most `diagnostics_max`, by file and position; those of imported files included. */
  readonly diagnostics: readonly Diagnostic[]
  /** True where there are more errors than `diagnostics` may hold. */
  readonly hasMore: boolean
  /** Every file that took part, the main one first: what a renderer cuts its excerpts from. */
  readonly files: readonly FileNode[]
}

interface Bound {
  readonly inserts: BoundInsert[]
  readonly inspections: Inspection[]
}

const define = (
  identifier: Identifier,
  orReplace: boolean,
  definition: Definition | undefined,
  { catalog, problems }: BindContext,
): boolean => {
  const taken = catalog.get(identifier.name)
  if (taken !== undefined && !orReplace) {
    const message = `${identifier.name} is defined already, as a ${taken.kind === 'view' ? 'stream' : taken.kind}`
    problems.error(
      'ENG_SQL_NAME_TAKEN',
      identifier.span,
      message,
      'CREATE OR REPLACE takes the place of the one before.',
    )
    return false
  }
  if (definition !== undefined) catalog.set(definition)
  return true
}

const dropRelation = async (name: string, { engine, catalog }: BindContext): Promise<void> => {
  const kind = catalog.get(name)?.kind
  if (kind === 'view') await engine.execute(`DROP VIEW IF EXISTS ${quoteIdentifier(name)}`)
  if (kind === 'stream') await engine.execute(`DROP TABLE IF EXISTS ${quoteIdentifier(name)}`)
}

type ViewNode = Extract<StatementNode, { kind: 'create_stream_as' }>

const bindView = async (node: ViewNode, context: BindContext): Promise<BoundView | undefined> => {
  const select = await bindSelect(node.select, context)
  if (select === undefined) return undefined
  if (select.used.size === 0) {
    const message = 'CREATE STREAM … AS must read a stream'
    context.problems.error('ENG_SQL_PIPELINE', node.select.span, message, 'Static data can be joined where it is used.')
    return undefined
  }
  const sql = await printSelect(context, select)
  const made = await context.engine.execute(`CREATE OR REPLACE VIEW ${quoteIdentifier(node.name.name)} AS ${sql}`)
  if (!made.ok) reportEngineError(context.problems, { sql: node.select, prefix: '' }, { ...made.error, position: 0 })
  return { kind: 'view', name: node.name.name, select, span: node.span }
}

const bindDefinition = async (node: StatementNode, context: BindContext): Promise<boolean> => {
  if (
    node.kind !== 'create_stream' &&
    node.kind !== 'create_stream_as' &&
    node.kind !== 'create_table' &&
    node.kind !== 'create_sink'
  ) {
    return false
  }
  if (!define(node.name, node.orReplace, undefined, context)) return true
  await dropRelation(node.name.name, context)
  const definition =
    node.kind === 'create_stream'
      ? await bindStream(node, context)
      : node.kind === 'create_stream_as'
        ? await bindView(node, context)
        : node.kind === 'create_table'
          ? await bindTable(node, context)
          : bindSink(node, context)
  if (definition === undefined) context.catalog.setBroken(node.name.name)
  else context.catalog.set(definition)
  return true
}

const knownName = (identifier: Identifier, { catalog, problems }: BindContext): void => {
  if (catalog.get(identifier.name) !== undefined || catalog.isBroken(identifier.name)) return
  const names = (['stream', 'view', 'table', 'sink'] as const).flatMap((kind) =>
    catalog.all(kind).map(({ name }) => name),
  )
  const hint = didYouMean(identifier.name, names)
  problems.error('ENG_SQL_RELATION_UNKNOWN', identifier.span, `nothing is named ${identifier.name}`, hint)
}

type SelectStatement = Extract<StatementNode, { kind: 'select' }>

const inspectSelect = async (node: SelectStatement, context: BindContext): Promise<Inspection | undefined> => {
  const select = await bindSelect(node.select, context)
  if (select === undefined) return undefined
  if (select.used.size > 0) {
    const hint = 'INSERT INTO a CONSOLE sink shows what a stream brings.'
    context.problems.error(
      'ENG_SQL_STREAM_IN_SELECT',
      node.select.span,
      'a SELECT of its own cannot read a stream',
      hint,
    )
    return undefined
  }
  const sql = await printSelect(context, select)
  return { kind: 'select', sql, columns: select.columns, staticFiles: select.staticFiles }
}

const nameOf = (node: StatementNode): string | undefined => {
  if (node.kind === 'insert') return node.target.name
  return 'name' in node ? node.name.name : undefined
}

/** An explained statement is bound, so that its mistakes show, but it defines nothing and does not run. */
const inspectExplain = async (
  node: Extract<StatementNode, { kind: 'explain' }>,
  context: BindContext,
): Promise<Inspection> => {
  const { stage, statement } = node
  const name = nameOf(statement)
  const base = { kind: 'explain' as const, stage, ast: statement, ...(name === undefined ? {} : { name }) }
  if (statement.kind !== 'insert' && statement.kind !== 'select' && statement.kind !== 'create_stream_as') return base
  const select =
    statement.kind === 'insert'
      ? (await bindInsert(statement, context))?.select
      : await bindSelect(statement.select, context)
  if (select === undefined) return base
  return { ...base, sql: await printSelect(context, select), plan: select.plan }
}

const bindStatement = async (node: StatementNode, bound: Bound, context: BindContext): Promise<void> => {
  if (await bindDefinition(node, context)) return
  const { problems } = context
  switch (node.kind) {
    case 'insert': {
      const insert = await bindInsert(node, context)
      if (insert !== undefined) bound.inserts.push(insert)
      return
    }
    case 'create_job':
      problems.error(
        'ENG_SQL_UNSUPPORTED',
        node.name.span,
        'CREATE JOB is not supported yet',
        'An INSERT outside a job runs continuously.',
      )
      return
    case 'select': {
      const inspection = await inspectSelect(node, context)
      if (inspection !== undefined) bound.inspections.push(inspection)
      return
    }
    case 'show':
      bound.inspections.push({ kind: 'show', what: node.what, ...(node.of === undefined ? {} : { of: node.of.name }) })
      return
    case 'describe':
      knownName(node.name, context)
      bound.inspections.push({ kind: 'describe', name: node.name.name })
      return
    case 'explain':
      bound.inspections.push(await inspectExplain(node, context))
      return
    default:
      return
  }
}

/** EXPLAIN INSERT describes a pipeline that is not there otherwise: it is compiled beside the others, and not run. */
const explained = (nodes: readonly StatementNode[]): readonly InsertNode[] =>
  nodes.flatMap((node) => (node.kind === 'explain' && node.statement.kind === 'insert' ? [node.statement] : []))

const boundPlans = (built: readonly { readonly plan: ConsumptionPlan; readonly inserts: readonly BoundInsert[] }[]) =>
  Object.fromEntries(
    built.flatMap(({ plan, inserts }) =>
      inserts.map(({ select }, index): readonly [string, JsonValue] => [`${plan.pipeline}/${index}`, select.plan]),
    ),
  )

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}

/** Names that a CREATE of the text gives. A definition that has parsed takes its mark away again. */
const markUnparsed = (text: string, catalog: Catalog): void => {
  const create =
    /\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM|TABLE|SINK)\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_]*))/giu
  for (const [, quoted, plain] of text.matchAll(create)) catalog.setBroken(quoted?.replaceAll('""', '"') ?? plain ?? '')
}

/**
 * Binds a parsed file: names, types, expressions and SELECTs, into one consumption plan per pipeline. Never throws for
 * the user's mistakes. Relative IMPORT paths start at the importing file's folder.
 */
export const compile = async (file: FileNode, ports: CompilePorts, options: CompileOptions): Promise<Compiled> => {
  const problems = new Problems()
  const { engine } = ports
  const context: BindContext = {
    engine,
    catalog: new Catalog(),
    problems,
    cwd: options.cwd,
    twins: new Map(),
    locationFault: (text) => ports.locationFault?.(text),
  }
  problems.addAll(options.diagnostics ?? [], options.hasMore === true)
  const { statements, files } = await expandImports(file, ports, options.cwd, problems)
  if (problems.errorCount > 0) for (const { text } of files) markUnparsed(text, context.catalog)
  const sets = file.statements.filter((node): node is SetNode => node.kind === 'set')
  const settings = bindSettings(sets, options.overrides ?? {}, problems)
  const bound: Bound = { inserts: [], inspections: [] }
  for (const node of statements) await bindStatement(node, bound, context)
  const explainedInserts: BoundInsert[] = []
  for (const node of explained(statements)) {
    const quiet = { ...context, problems: new Problems() }
    const insert = await bindInsert(node, quiet)
    if (insert !== undefined) explainedInserts.push(insert)
  }
  const built = await buildPipelines(bound.inserts, settings, ports.sha256, context)
  const shown = await buildPipelines(explainedInserts, settings, ports.sha256, { ...context, problems: new Problems() })
  const diagnostics = problems.sorted()
  const { hasMore } = problems
  if (problems.errorCount > 0) return { program: undefined, diagnostics, hasMore, files }
  const program: Program = {
    file: file.file,
    ast: file,
    ...(await summarize(context, bound.inserts)),
    pipelines: built.map(({ plan }) => plan),
    explained: shown.map(({ plan }) => plan),
    boundPlans: boundPlans([...built, ...shown]),
    inspections: bound.inspections,
    settings,
    warnings: diagnostics,
  }
  return { program: deepFreeze(program), diagnostics, hasMore, files }
}
