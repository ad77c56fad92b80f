import type { BoundInsert } from './bind-insert.ts'
import { type BindContext, printSelect } from './bind-select.ts'
import type { BoundStream } from './bind-stream.ts'
import type { BoundTable } from './catalog.ts'
import type { Program, StreamEntry, TableEntry } from './program.ts'

const streamEntry = (stream: BoundStream): StreamEntry => ({
  name: stream.name,
  source: stream.source,
  format: stream.format.kind,
  columns: stream.columns.map((column) => ({
    name: column.name,
    type: column.type,
    notNull: column.notNull,
    ...(column.kind === 'value' ? { path: column.path } : {}),
  })),
  constraints: stream.checks.map(({ name, text, action }) => ({ name, check: text, action })),
  onError: stream.onError,
  ...(stream.dedup === undefined ? {} : { dedup: stream.dedup }),
  ...(stream.watermark === undefined ? {} : { watermark: stream.watermark }),
})

const tableEntry = (table: BoundTable, inserts: readonly BoundInsert[]): TableEntry => {
  const writer = inserts.find((insert) => insert.target === table)
  const written = writer?.columns.map(({ name, storedType }) => ({ name, type: storedType }))
  const partitionBy = writer?.partitionBy ?? table.partitionBy
  return { name: table.name, location: table.location, partitionBy, columns: written ?? table.columns ?? [] }
}

/** The catalog as SHOW and DESCRIBE tell it. */
export const summarize = async (
  context: BindContext,
  inserts: readonly BoundInsert[],
): Promise<Pick<Program, 'streams' | 'views' | 'tables' | 'sinks'>> => {
  const views = []
  for (const { name, select } of context.catalog.all('view')) {
    views.push({ name, sql: await printSelect(context, select, () => []), columns: select.columns })
  }
  return {
    streams: context.catalog.all('stream').map(streamEntry),
    views,
    tables: context.catalog.all('table').map((table) => tableEntry(table, inserts)),
    sinks: context.catalog.all('sink').map(({ name, sink }) => ({ name, kind: sink })),
  }
}
