import type { BoundCheck, BoundColumn, BoundStream, GeneratedColumn, ValueColumn } from './bind-stream.ts'
import { castText } from './cast-text.ts'
import type { Violation } from '../sql/ast.ts'
import type { DecodeColumn, FaultRule, MetadataColumn } from './consumption-plan.ts'
import { quoteIdentifier } from './identifier.ts'

/** The text of every column as it came, typed, validated: one SELECT over the arena, and what its fault bits mean. */
export interface TypedSql {
  readonly sql: string
  readonly faults: readonly FaultRule[]
  readonly decode: readonly DecodeColumn[]
}

const BITS = 64

/** A column's text in the arena, and under the name that it keeps above: users may name their columns c0, too. */
const arenaText = (index: number): string => quoteIdentifier(`c${index}`)
const text = (index: number): string => quoteIdentifier(`__c${index}`)

/** A fault: the condition under which it strikes, and a cheaper one under which it surely does not. */
interface Fault {
  readonly rule: FaultRule
  readonly strikes: string
  readonly isGood: string
}

interface Shape {
  readonly stream: BoundStream
  /** Decoded columns by name → index. */
  readonly index: ReadonlyMap<string, number>
  readonly computed: readonly GeneratedColumn[]
}

const isDecoded = (column: BoundColumn, shape: Shape): column is ValueColumn =>
  column.kind === 'value' && shape.index.has(column.name)

const castOf = (column: ValueColumn, index: number) => castText(arenaText(index), column.type, column.format)

const valueSql = (column: ValueColumn, index: number): string => {
  const { sql } = castOf(column, index)
  return column.default === undefined
    ? sql
    : `CASE WHEN ${arenaText(index)} IS NULL THEN ${column.default} ELSE ${sql} END`
}

/** Condition that the text of a column is there but is not of its type. */
const castStrikes = (column: ValueColumn, index: number): string =>
  `(${text(index)} IS NOT NULL AND ${quoteIdentifier(column.name)} IS NULL)`

/** What a column was computed from, down to value columns, itself included. */
const basesOf = (name: string, shape: Shape, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(name)) return seen
  seen.add(name)
  const generated = shape.computed.find((column) => column.name === name)
  for (const base of generated?.expression.columns ?? []) basesOf(base, shape, seen)
  return seen
}

/** ` AND NOT (…)` of the cast faults below the columns: a value that could not be read is reported once, not again. */
const unlessUnread = (columns: Iterable<string>, shape: Shape): string => {
  const bases = new Set([...columns].flatMap((name) => [...basesOf(name, shape)]))
  const unread = shape.stream.columns
    .filter((column): column is ValueColumn => isDecoded(column, shape) && bases.has(column.name))
    .filter((column) => castOf(column, 0).canFail)
    .map((column) => castStrikes(column, shape.index.get(column.name)!))
  const failed = shape.computed
    .filter(({ name }) => bases.has(name))
    .map((column) => `${computedName(shape, column)} IS NULL`)
  const reasons = [...unread, ...failed]
  return reasons.length === 0 ? '' : ` AND NOT (${reasons.join(' OR ')})`
}

const computedName = (shape: Shape, column: GeneratedColumn): string =>
  quoteIdentifier(`__g${shape.computed.indexOf(column)}`)

/** A value that cannot be NULL cannot be emptied either: under ON ERROR NULL its faults are dead letters. */
const actionOf = (stream: BoundStream, notNull: boolean): Violation =>
  stream.onError === 'null' && notNull ? 'dead_letter' : stream.onError

const castFault = (column: ValueColumn, index: number, { stream }: Shape): Fault => ({
  rule: {
    rule: 'ENG_DATA_CAST',
    column: column.name,
    arenaColumn: index,
    message: `is not a valid ${column.type}${column.format === undefined ? '' : ` of format ${column.format}`}`,
    action: actionOf(stream, column.notNull),
  },
  strikes: castStrikes(column, index),
  isGood: column.notNull
    ? `${quoteIdentifier(column.name)} IS NOT NULL`
    : `(${quoteIdentifier(column.name)} IS NOT NULL OR ${text(index)} IS NULL)`,
})

const notNullFault = (column: BoundColumn, shape: Shape): Fault => {
  const index = shape.index.get(column.name)
  const name = quoteIdentifier(column.name)
  return {
    rule: {
      rule: 'ENG_DATA_NOT_NULL',
      column: column.name,
      ...(index === undefined ? {} : { arenaColumn: index }),
      message: 'is NOT NULL and has no value',
      action: actionOf(shape.stream, true),
    },
    strikes: `(${name} IS NULL${unlessUnread([column.name], shape)})`,
    isGood: `${name} IS NOT NULL`,
  }
}

const computeFault = (column: GeneratedColumn, shape: Shape): Fault => ({
  rule: {
    rule: 'ENG_DATA_CAST',
    column: column.name,
    message: `cannot be computed as ${column.type}`,
    action: actionOf(shape.stream, column.notNull),
  },
  strikes: `(${computedName(shape, column)} IS NULL${unlessUnread(column.expression.columns, shape)})`,
  isGood: `${computedName(shape, column)} IS NOT NULL`,
})

const checkName = (stream: BoundStream, check: BoundCheck): string =>
  quoteIdentifier(`__k${stream.checks.indexOf(check)}`)

/** An expression that stops with an error has not said yes: it counts as violated. */
const checkViolated = (check: BoundCheck, shape: Shape): string => {
  const name = checkName(shape.stream, check)
  return `((${name} IS NULL OR ${name}.v IS FALSE)${unlessUnread(check.expression.columns, shape)})`
}

const checkFault = (check: BoundCheck, shape: Shape): Fault => {
  const name = checkName(shape.stream, check)
  const [only, ...others] = check.expression.columns
  const column = others.length === 0 ? only : undefined
  const index = column === undefined ? undefined : shape.index.get(column)
  return {
    rule: {
      rule: 'ENG_DATA_CHECK',
      constraint: check.name,
      ...(column === undefined ? {} : { column }),
      ...(index === undefined ? {} : { arenaColumn: index }),
      message: `does not meet ${check.name}: ${check.text}`,
      action: check.action,
    },
    strikes: checkViolated(check, shape),
    isGood: `(${name} IS NOT NULL AND ${name}.v IS NOT FALSE)`,
  }
}

const faultsOf = (shape: Shape): readonly Fault[] => {
  const { stream } = shape
  const faults = stream.columns.flatMap((column): readonly Fault[] => {
    const own = column.notNull ? [notNullFault(column, shape)] : []
    if (column.kind === 'generated') return shape.computed.includes(column) ? [computeFault(column, shape), ...own] : []
    const index = shape.index.get(column.name)
    if (index === undefined) return []
    return castOf(column, index).canFail ? [castFault(column, index, shape), ...own] : own
  })
  return [...faults, ...stream.checks.map((check) => checkFault(check, shape))]
}

/** Good rows, nearly all, are recognised by a few IS NULL tests; the bits are worked out for the others only. */
const faultsSql = (faults: readonly Fault[], ordinal: number): string => {
  const good = [...new Set(faults.map(({ isGood }) => isGood))].join(' AND ') || 'true'
  const bits = faults.map(({ strikes }, bit) => `CASE WHEN ${strikes} THEN ${2n ** BigInt(bit)}::UBIGINT ELSE 0 END`)
  const mask = bits.length === 0 ? '0::UBIGINT' : `CASE WHEN ${good} THEN 0::UBIGINT ELSE ${bits.join(' | ')} END`
  return `${mask} AS "__faults${ordinal}"`
}

/** Generated columns in layers: each needs only those before it. */
const layersOf = (shape: Shape): readonly (readonly GeneratedColumn[])[] => {
  const layers: GeneratedColumn[][] = []
  let rest = [...shape.computed]
  while (rest.length > 0) {
    const names = new Set(rest.map(({ name }) => name))
    const layer = rest.filter(({ expression }) => !expression.columns.some((name) => names.has(name)))
    layers.push(layer)
    rest = rest.filter((column) => !layer.includes(column))
  }
  return layers
}

/** Wrapped in a struct, so that an expression that gives NULL can be told from one that stops. */
const guarded = (sql: string): string => `TRY({'v': ${sql}})`

const finalColumn = (column: BoundColumn, shape: Shape): string => {
  const name = quoteIdentifier(column.name)
  const emptied = shape.stream.checks.filter((check) => check.nulls === column.name)
  if (emptied.length === 0) return name
  const violated = emptied.map((check) => checkViolated(check, shape)).join(' OR ')
  return `CASE WHEN ${violated} THEN NULL ELSE ${name} END AS ${name}`
}

/** What a column that is not decoded is in the typed rows. */
export const absentColumn = ({ name, type }: { readonly name: string; readonly type: string }): string =>
  `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`

const firstLevel = (shape: Shape, metadata: readonly MetadataColumn[]): string => {
  const columns = shape.stream.columns.flatMap((column) => {
    const name = quoteIdentifier(column.name)
    if (isDecoded(column, shape)) return [`${valueSql(column, shape.index.get(column.name)!)} AS ${name}`]
    return column.kind === 'generated' && shape.computed.includes(column) ? [] : [absentColumn(column)]
  })
  const raw = [...shape.index.values()].map((index) => `${arenaText(index)} AS ${text(index)}`)
  const items = ['"__row"', ...raw, ...metadata.map(quoteIdentifier), ...columns]
  return `SELECT ${items.join(', ')} FROM ${quoteIdentifier(`__arena_${shape.stream.name}`)}`
}

const levelsSql = (shape: Shape, metadata: readonly MetadataColumn[]): string => {
  const alias = quoteIdentifier(shape.stream.name)
  let sql = firstLevel(shape, metadata)
  for (const layer of layersOf(shape)) {
    const guards = layer.map(
      (column) => `${guarded(`CAST(${column.expression.sql} AS ${column.type})`)} AS ${computedName(shape, column)}`,
    )
    const names = layer.map((column) => `${computedName(shape, column)}.v AS ${quoteIdentifier(column.name)}`)
    sql = `SELECT *, ${names.join(', ')} FROM (SELECT *, ${guards.join(', ')} FROM (${sql}) AS ${alias})`
  }
  const checks = shape.stream.checks.map(
    (check) => `${guarded(check.expression.sql)} AS ${checkName(shape.stream, check)}`,
  )
  return checks.length === 0 ? sql : `SELECT *, ${checks.join(', ')} FROM (${sql}) AS ${alias}`
}

/** Names of columns that a stream must compute: used ones, validated ones, and what those are computed from. */
const neededColumns = (stream: BoundStream, used: ReadonlySet<string>): ReadonlySet<string> => {
  const needed = new Set<string>(used)
  for (const column of stream.columns) if (column.notNull) needed.add(column.name)
  for (const check of stream.checks) for (const name of check.expression.columns) needed.add(name)
  for (const name of stream.dedup?.columns ?? []) needed.add(name)
  if (stream.watermark !== undefined) needed.add(stream.watermark.column)
  const generated = stream.columns.filter((column) => column.kind === 'generated')
  for (let size = -1; size !== needed.size; ) {
    size = needed.size
    for (const column of generated) {
      if (needed.has(column.name)) for (const name of column.expression.columns) needed.add(name)
    }
  }
  return needed
}

/** Metadata columns among those that are needed. */
export const neededMetadata = (stream: BoundStream, used: ReadonlySet<string>, all: readonly MetadataColumn[]) => {
  const needed = neededColumns(stream, used)
  return all.filter((name) => needed.has(name))
}

/**
 * The typed pass over the arena (consumption-plan.ts, step 2). Columns that nothing uses or validates are not decoded:
 * they are there as NULL, so that every SELECT binds as it did when it was compiled.
 */
export const typedSql = (
  stream: BoundStream,
  used: ReadonlySet<string>,
  metadata: readonly MetadataColumn[],
): TypedSql => {
  const needed = neededColumns(stream, used)
  const decoded = stream.columns.filter((column) => column.kind === 'value').filter(({ name }) => needed.has(name))
  const shape: Shape = {
    stream,
    index: new Map(decoded.map(({ name }, index) => [name, index])),
    computed: stream.columns.filter((column) => column.kind === 'generated').filter(({ name }) => needed.has(name)),
  }
  const faults = faultsOf(shape)
  const masks: string[] = []
  for (let from = 0; from === 0 || from < faults.length; from += BITS) {
    masks.push(faultsSql(faults.slice(from, from + BITS), from / BITS))
  }
  const columns = stream.columns.map((column) => finalColumn(column, shape))
  const items = ['"__row"', ...columns, ...metadata.map(quoteIdentifier), ...masks]
  return {
    sql: `SELECT ${items.join(', ')} FROM (${levelsSql(shape, metadata)})`,
    faults: faults.map(({ rule }) => rule),
    decode: decoded.map(({ name, path, level }, index) => ({ index, name, path, level })),
  }
}
