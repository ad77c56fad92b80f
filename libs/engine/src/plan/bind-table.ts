import { didYouMean } from '../core/suggest.ts'
import type { CreateSinkNode, CreateTableNode, Identifier } from '../sql/ast.ts'
import type { BindContext } from './bind-select.ts'
import { bindType } from './bind-type.ts'
import type { BoundSink, BoundTable } from './catalog.ts'
import { findName, sameName } from './identifier.ts'
import { resolvePath, schemeOf } from './location.ts'
import { numberOption, sizeOption_bytes, textOption } from './option-values.ts'
import type { Column } from './program.ts'

const COMPRESSIONS = ['snappy', 'zstd', 'gzip', 'uncompressed'] as const

const REMOTE_SCHEMES = new Set(['s3', 's3a', 'hdfs', 'webhdfs', 'swebhdfs'])

/** A path becomes absolute; `file:///dir`, `memory:NAME` and those of remote stores stay as they are. */
const bindLocation = ({ location }: CreateTableNode, { problems, cwd, locationFault }: BindContext): string => {
  const { text, span } = location
  const scheme = schemeOf(text)
  if (text.trim() === '') problems.error('ENG_SQL_OPTION_VALUE', span, 'the location is empty')
  if (scheme === undefined) return resolvePath(cwd, text)
  if (scheme === 'memory') return text
  if (scheme === 'file') {
    if (!/^file:\/\/\/[^/]/i.test(text)) {
      problems.error('ENG_SQL_OPTION_VALUE', span, 'a file location is written file:///folder')
    }
    return text
  }
  if (!REMOTE_SCHEMES.has(scheme)) {
    const hint = "Write a folder, 'file:///folder', 's3://bucket/folder' or 'webhdfs://namenode:9870/folder'."
    problems.error('ENG_SQL_OPTION_VALUE', span, `there is no location scheme ${scheme}:`, hint)
    return text
  }
  const fault = locationFault(text)
  if (fault !== undefined) problems.error('ENG_SQL_OPTION_VALUE', span, fault)
  return text
}

const bindColumns = async (node: CreateTableNode, context: BindContext): Promise<readonly Column[] | undefined> => {
  if (node.columns.length === 0) return undefined
  const columns: Column[] = []
  for (const { name, type } of node.columns) {
    const bound = await bindType(type, context)
    if (columns.some((column) => sameName(column.name, name.name))) {
      context.problems.error('ENG_SQL_COLUMN_DUPLICATE', name.span, `the column ${name.name} is defined twice`)
    }
    columns.push({ name: name.name, type: bound ?? 'VARCHAR' })
  }
  return columns
}

/** Names of partition columns: each once, and among the columns where those are known. */
export const checkPartition = (
  identifiers: readonly Identifier[],
  columns: readonly Column[] | undefined,
  { problems }: BindContext,
): readonly string[] =>
  identifiers.map(({ name, span }, index) => {
    if (identifiers.slice(0, index).some((other) => sameName(other.name, name))) {
      problems.error('ENG_SQL_PARTITION', span, `${name} is there twice`)
    }
    const column = columns === undefined ? { name } : findName(columns, name)
    if (column === undefined) {
      const hint = didYouMean(name, columns?.map((other) => other.name) ?? [])
      problems.error('ENG_SQL_PARTITION', span, `the table has no column ${name} to partition by`, hint)
    }
    return column?.name ?? name
  })

const refuseLater = (node: CreateTableNode, { problems }: BindContext): void => {
  const [key] = node.key
  if (key !== undefined) problems.error('ENG_SQL_UNSUPPORTED', key.span, 'KEY on a table is not supported yet')
  if (node.retain !== undefined) problems.error('ENG_SQL_UNSUPPORTED', node.retain.span, 'RETAIN is not supported yet')
  for (const { name, notNull } of node.columns) {
    if (notNull) {
      const hint = 'Say NOT NULL in the stream: rows without a value become dead letters there.'
      problems.error('ENG_SQL_UNSUPPORTED', name.span, 'NOT NULL on a table’s column is not supported yet', hint)
    }
  }
}

/** DuckDB's own row group size. */
const ROW_GROUP_ROWS = 122_880

const TARGET_FILE_BYTES = 128_000_000

export const bindTable = async (node: CreateTableNode, context: BindContext): Promise<BoundTable | undefined> => {
  const before = context.problems.errorCount
  refuseLater(node, context)
  const columns = await bindColumns(node, context)
  const table: BoundTable = {
    kind: 'table',
    name: node.name.name,
    node,
    location: bindLocation(node, context),
    partitionBy: checkPartition(node.partitionBy, columns, context),
    columns,
    compression:
      COMPRESSIONS.find((word) => word === textOption(node.options, 'compression')?.toLowerCase()) ?? 'snappy',
    targetFileBytes: sizeOption_bytes(node.options, 'target_file_size') ?? TARGET_FILE_BYTES,
    rowGroupRows: numberOption(node.options, 'row_group_rows') ?? ROW_GROUP_ROWS,
  }
  return context.problems.errorCount > before ? undefined : table
}

export const bindSink = (node: CreateSinkNode, { problems }: BindContext): BoundSink | undefined => {
  const sink = node.sink.name.toLowerCase()
  const [key] = node.key
  if (key !== undefined) problems.error('ENG_SQL_UNSUPPORTED', key.span, 'KEY on a sink is not supported yet')
  if (sink !== 'console' && sink !== 'memory') {
    problems.error(
      'ENG_SQL_UNSUPPORTED',
      node.sink.span,
      `INTO ${node.sink.name} is not supported yet: CONSOLE and MEMORY are`,
    )
    return undefined
  }
  const rowsMax = numberOption(node.options, 'rows_max')
  return { kind: 'sink', name: node.name.name, node, sink, ...(rowsMax === undefined ? {} : { rowsMax }) }
}
