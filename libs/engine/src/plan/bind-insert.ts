import type { Span } from '../core/diagnostics.ts'
import { didYouMean } from '../core/suggest.ts'
import type { Identifier, InsertNode } from '../sql/ast.ts'
import { type BindContext, type BoundSelect, bindSelect } from './bind-select.ts'
import { checkPartition } from './bind-table.ts'
import type { BoundSink, BoundTable } from './catalog.ts'
import { quoteIdentifier, sameName } from './identifier.ts'
import type { Column } from './program.ts'
import { storedExpression, storedType } from './stored-type.ts'

export interface OutputColumn extends Column {
  readonly storedType: string
}

export interface BoundInsert {
  readonly node: InsertNode
  readonly target: BoundTable | BoundSink
  readonly select: BoundSelect
  readonly columns: readonly OutputColumn[]
  readonly partitionBy: readonly string[]
}

const later = (node: InsertNode): readonly (readonly [Span, string] | undefined)[] => [
  node.mode === 'append' ? undefined : [node.target.span, `INSERT OR ${node.mode.toUpperCase()}`],
  node.emit && [node.emit.span, 'EMIT'],
  node.late && [node.late.span, 'LATE'],
  node.allowLateness_ms === undefined ? undefined : [node.target.span, 'ALLOW LATENESS'],
]

const findTarget = (target: Identifier, { catalog, problems }: BindContext): BoundTable | BoundSink | undefined => {
  const definition = catalog.get(target.name)
  if (definition?.kind === 'table' || definition?.kind === 'sink') return definition
  if (catalog.isBroken(target.name)) return undefined
  const names = [...catalog.all('table'), ...catalog.all('sink')].map(({ name }) => name)
  const message =
    definition === undefined
      ? `there is no table or sink named ${target.name}`
      : `${target.name} is a stream: it cannot be written to`
  problems.error('ENG_SQL_TARGET_UNKNOWN', target.span, message, didYouMean(target.name, names))
  return undefined
}

/** Parquet column names that Spark and Delta readers refuse without column mapping. */
const BAD_NAME = /[ ,;{}()\n\t=]/

const storeColumns = (columns: readonly Column[], span: Span, { problems }: BindContext): readonly OutputColumn[] =>
  columns.map(({ name, type }) => {
    const stored = storedType(type)
    if (stored.kind === 'refused') {
      const inside = stored.type === type ? '' : ` (in ${type})`
      problems.error(
        'ENG_SQL_TYPE_NOT_STORED',
        span,
        `the column ${name} is ${stored.type}${inside}, which tables cannot keep`,
        stored.hint,
      )
    }
    if (BAD_NAME.test(name) || name === '') {
      const hint = 'Give it a name with AS; letters, digits and _ are safe.'
      problems.error('ENG_SQL_COLUMN_NAME', span, `a table cannot have a column named ${JSON.stringify(name)}`, hint)
    }
    return { name, type, storedType: stored.type }
  })

const checkDeclared = (
  declared: readonly Column[],
  columns: readonly OutputColumn[],
  span: Span,
  { problems }: BindContext,
): void => {
  for (const { name, type } of declared) {
    const given = columns.find((column) => sameName(column.name, name))
    const wanted = storedType(type)
    if (given === undefined) {
      problems.error('ENG_SQL_COLUMN_MISMATCH', span, `the SELECT gives no column ${name}, which the table declares`)
    } else if (wanted.kind === 'stored' && given.storedType !== wanted.type) {
      const message = `the SELECT gives ${name} as ${given.type}, the table declares ${type}`
      problems.error('ENG_SQL_COLUMN_MISMATCH', span, message, `Cast it: ${name}::${type}.`)
    }
  }
  const extra = columns.find((column) => !declared.some(({ name }) => sameName(name, column.name)))
  if (extra !== undefined) {
    problems.error('ENG_SQL_COLUMN_MISMATCH', span, `the SELECT gives ${extra.name}, which the table does not declare`)
  }
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => sameName(name, b[index]!))

const NESTED = /^(STRUCT|MAP)\(|\]$|^BLOB$/

const bindPartition = (node: InsertNode, table: BoundTable, columns: readonly OutputColumn[], context: BindContext) => {
  const { problems } = context
  const own = table.node.partitionBy
  const identifiers = node.partitionBy ?? own
  const [first] = identifiers
  if (node.partitionBy !== undefined && own.length > 0) {
    const [a, b] = [node.partitionBy, own].map((list) => list.map(({ name }) => name))
    if (!sameNames(a!, b!)) {
      const hint = 'Leave out the one of the INSERT: the table’s holds.'
      problems.error(
        'ENG_SQL_PARTITION',
        first?.span ?? node.span,
        `the table ${table.name} is partitioned by (${b!.join(', ')})`,
        hint,
      )
      return []
    }
  }
  const names = checkPartition(identifiers, columns, context)
  for (const [index, name] of names.entries()) {
    const column = columns.find((other) => sameName(other.name, name))
    if (column !== undefined && NESTED.test(column.storedType)) {
      problems.error(
        'ENG_SQL_PARTITION',
        identifiers[index]!.span,
        `${name} is ${column.type}: no folder can be named after it`,
      )
    }
  }
  if (names.length > 0 && names.length >= columns.length) {
    problems.error(
      'ENG_SQL_PARTITION',
      first?.span ?? node.span,
      'a table needs a column that it is not partitioned by',
    )
  }
  return names
}

/** Binds one INSERT outside a job. */
export const bindInsert = async (node: InsertNode, context: BindContext): Promise<BoundInsert | undefined> => {
  const { problems } = context
  const before = problems.errorCount
  for (const clause of later(node)) {
    if (clause !== undefined) problems.error('ENG_SQL_UNSUPPORTED', clause[0], `${clause[1]} is not supported yet`)
  }
  const target = findTarget(node.target, context)
  const select = await bindSelect(node.select, context)
  if (select === undefined || target === undefined) return undefined
  if (select.used.size === 0) {
    problems.error('ENG_SQL_PIPELINE', node.select.span, 'the SELECT reads no stream: there is nothing to run it on')
    return undefined
  }
  const asIs = select.columns.map((column) => ({ ...column, storedType: column.type }))
  const columns = target.kind === 'table' ? storeColumns(select.columns, node.select.span, context) : asIs
  if (target.kind === 'table' && target.columns !== undefined) {
    checkDeclared(target.columns, columns, node.select.span, context)
  }
  const [by] = node.partitionBy ?? []
  if (target.kind === 'sink' && by !== undefined) {
    problems.error('ENG_SQL_PARTITION', by.span, 'PARTITION BY makes folders of a table: a sink has none')
  }
  const partitionBy = target.kind === 'table' ? bindPartition(node, target, columns, context) : []
  return problems.errorCount > before ? undefined : { node, target, select, columns, partitionBy }
}

/** The query with each column as it is stored. */
export const storedSelect = (select: string, columns: readonly OutputColumn[]): string => {
  if (columns.every(({ type, storedType: stored }) => type === stored)) return select
  const items = columns.map(({ name, type, storedType: stored }) => storedExpression(name, type, stored))
  return `SELECT ${items.join(', ')} FROM (${select}) AS ${quoteIdentifier('__output')}`
}
