import type {
  ColumnNode,
  ConstraintNode,
  CreateSinkNode,
  CreateStreamNode,
  CreateTableNode,
  OnError,
  Violation,
  WatermarkNode,
} from '../ast.ts'
import { printInterval } from '../parser/intervals.ts'
import { printString } from '../string-literals.ts'
import { printConnector, printName, printNames, printOptions, printSql } from './fragments.ts'

export const printCreate = (what: string, node: { readonly orReplace: boolean }): string =>
  `CREATE ${node.orReplace ? 'OR REPLACE ' : ''}${what}`

const ON_ERROR: Readonly<Record<OnError, string>> = {
  dead_letter: 'DEAD LETTER',
  fail: 'FAIL',
  drop: 'DROP',
  null: 'NULL',
}
const ON_VIOLATION: Readonly<Record<Violation, string>> = { ...ON_ERROR, drop: 'DROP ROW', warn: 'WARN' }

export const printCreateStream = (node: CreateStreamNode): string => {
  const entries = [
    ...node.columns.map((column) => printColumn(column, '  ')),
    ...(node.watermark === undefined ? [] : [printWatermark(node.watermark)]),
    ...node.constraints.map(printConstraint),
  ]
  const { rejectLimit, dedup } = node
  return [
    `${printCreate('STREAM', node)} ${printName(node.name)}${printEntries(entries, '')}`,
    `FROM ${printConnector(node.source)}`,
    ...(node.keyFormat === undefined ? [] : [`KEY FORMAT ${printConnector(node.keyFormat)}`]),
    `FORMAT ${printConnector(node.format)}`,
    `ON ERROR ${ON_ERROR[node.onError]}`,
    ...(rejectLimit === undefined
      ? []
      : [`REJECT LIMIT ${rejectLimit.percent} PERCENT PER ${printInterval(rejectLimit.interval_ms)}`]),
    ...(dedup === undefined
      ? []
      : [`DEDUPLICATE BY (${printNames(dedup.columns)}) WITHIN ${printInterval(dedup.within_ms)}`]),
  ].join('\n')
}

const printEntries = (entries: readonly string[], indent: string): string =>
  entries.length === 0 ? '' : ` (\n${entries.map((entry) => `${indent}  ${entry}`).join(',\n')}\n${indent})`

const printColumn = (column: ColumnNode, indent: string): string => {
  if (column.kind === 'nested') {
    const inner = column.columns.map((child) => printColumn(child, `${indent}  `))
    return `NESTED PATH ${printString(column.path.text)} COLUMNS${printEntries(inner, indent)}`
  }
  const notNull = column.notNull ? ' NOT NULL' : ''
  const start = `${printName(column.name)} ${printSql(column.type)}`
  if (column.kind === 'generated') return `${start} AS (${printSql(column.expression)})${notNull}`
  const path = column.path === undefined ? '' : ` PATH ${printString(column.path.text)}`
  const format = column.format === undefined ? '' : ` FORMAT ${printString(column.format.text)}`
  const value = column.default === undefined ? '' : ` DEFAULT ${printSql(column.default)}`
  return start + notNull + path + format + value
}

const printConstraint = ({ name, check, onViolation }: ConstraintNode): string => {
  const action = onViolation === undefined ? '' : ` ON VIOLATION ${ON_VIOLATION[onViolation]}`
  return `CONSTRAINT ${printName(name)} CHECK (${printSql(check)})${action}`
}

const printWatermark = ({ column, expression, idleAfter_ms }: WatermarkNode): string => {
  const idle = idleAfter_ms === undefined ? '' : ` IDLE AFTER ${printInterval(idleAfter_ms)}`
  return `WATERMARK FOR ${printName(column)} AS ${printSql(expression)}${idle}`
}

export const printCreateTable = (node: CreateTableNode): string => {
  const columns = node.columns.map(
    ({ name, type, notNull }) => `${printName(name)} ${printSql(type)}${notNull ? ' NOT NULL' : ''}`,
  )
  const { retain } = node
  const archive = retain?.archiveTo === undefined ? '' : ` THEN ARCHIVE TO ${printString(retain.archiveTo)}`
  return [
    `${printCreate('TABLE', node)} ${printName(node.name)}${printEntries(columns, '')}`,
    `LOCATION ${printString(node.location.text)}`,
    ...(node.partitionBy.length === 0 ? [] : [`PARTITION BY (${printNames(node.partitionBy)})`]),
    ...(node.key.length === 0 ? [] : [`KEY (${printNames(node.key)})`]),
    ...(retain === undefined ? [] : [`RETAIN ${printInterval(retain.interval_ms)}${archive}`]),
    ...(node.options.length === 0 ? [] : [`WITH${printOptions(node.options)}`]),
  ].join('\n')
}

export const printCreateSink = (node: CreateSinkNode): string => {
  const key = node.key.length === 0 ? '' : `\nKEY (${printNames(node.key)})`
  const into = printConnector({ kind: node.sink, options: node.options })
  return `${printCreate('SINK', node)} ${printName(node.name)} INTO ${into}${key}`
}
