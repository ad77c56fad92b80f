import { sameName } from './identifier.ts'
import { explain, planText } from './explain.ts'
import type { Inspection, Program } from './program.ts'

/** An answer as a table of texts; NULL is null. */
export interface Listing {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** SHOW from the catalog; undefined for BATCHES and DEAD LETTERS, which only the pipeline's state knows. */
export const show = (program: Program, what: Extract<Inspection, { kind: 'show' }>['what']): Listing | undefined => {
  switch (what) {
    case 'streams':
      return {
        columns: ['name', 'source', 'topic', 'format', 'columns'],
        rows: [
          ...program.streams.map(({ name, source, format, columns }) => [
            name,
            source.kind === 'kafka' ? source.brokers.join(',') : `embedded:${source.directory}`,
            source.topic,
            format.toUpperCase(),
            String(columns.length),
          ]),
          ...program.views.map(({ name, columns }) => [name, 'SELECT', null, null, String(columns.length)]),
        ],
      }
    case 'tables':
      return {
        columns: ['name', 'location', 'partition_by'],
        rows: program.tables.map(({ name, location, partitionBy }) => [name, location, partitionBy.join(', ')]),
      }
    case 'sinks':
      return { columns: ['name', 'kind'], rows: program.sinks.map(({ name, kind }) => [name, kind.toUpperCase()]) }
    case 'jobs':
      return {
        columns: ['pipeline', 'reads', 'writes', 'trigger'],
        rows: program.pipelines.map(({ pipeline, streams, outputs, trigger }) => [
          pipeline,
          streams.map(({ name }) => name).join(', '),
          outputs.map(({ target }) => target.name).join(', '),
          trigger.kind === 'asap' ? 'continuous' : `every ${trigger.interval_ms} ms`,
        ]),
      }
    case 'batches':
    case 'dead_letters':
      return undefined
  }
}

/** DESCRIBE: a column per row; undefined where nothing has the name. */
export const describe = (program: Program, name: string): Listing | undefined => {
  const columns = ['column', 'type', 'null', 'path']
  const stream = program.streams.find((entry) => sameName(entry.name, name))
  if (stream !== undefined) {
    const rows = stream.columns.map(({ name: column, type, notNull, path }) => [
      column,
      type,
      notNull ? 'NO' : 'YES',
      path ?? null,
    ])
    return { columns, rows }
  }
  const other = [...program.views, ...program.tables].find((entry) => sameName(entry.name, name))
  if (other !== undefined)
    return { columns, rows: other.columns.map((column) => [column.name, column.type, 'YES', null]) }
  const sink = program.sinks.find((entry) => sameName(entry.name, name))
  return sink === undefined ? undefined : { columns, rows: [] }
}

type ExplainInspection = Extract<Inspection, { kind: 'explain' }>

/** The text of an EXPLAIN statement of the file. */
export const explainStatement = (program: Program, { stage, name, ast, sql, plan }: ExplainInspection): string => {
  if (stage === 'sql' && sql !== undefined) return sql
  if (stage === 'plan' && plan !== undefined) return planText(plan)
  if (stage === 'ast') {
    const key = (field: string, value: unknown) => (field === 'span' ? undefined : value)
    return JSON.stringify(ast, key, 2)
  }
  return explain(program, stage, name).text
}
