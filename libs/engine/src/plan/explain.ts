import type { JsonValue } from '../core/json.ts'
import { printJson } from '../sql/lossless.ts'
import { LIMITS, type LimitName, type Limits } from '../core/limits.ts'
import type { ConsumptionPlan, OutputPlan, SourcePlan, StreamPlan } from './consumption-plan.ts'
import { type EngineNode, isNode, nodesOf, textOf } from './engine-ast.ts'
import { sameName } from './identifier.ts'
import type { Program } from './program.ts'
import { absentColumn } from './typed-sql.ts'

export type ExplainStage = 'ast' | 'plan' | 'sql' | 'consumption'

export interface Explained {
  readonly text: string
  /** Plain JSON of the same thing. */
  readonly json: unknown
}

const indent = (lines: readonly string[], by = '  '): readonly string[] =>
  lines.map((line) => (line === '' ? '' : by + line))

const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const duration = (ms: number): string => {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const
  const unit = units.find(([, length_ms]) => ms >= length_ms && ms % length_ms === 0)
  if (unit === undefined) return `${ms} ms`
  const count = ms / unit[1]
  return `${count} ${unit[0]}${count === 1 ? '' : 's'}`
}

const sourceLines = (source: SourcePlan): readonly string[] => [
  `topic      ${source.topic}`,
  source.kind === 'kafka'
    ? `brokers    ${source.brokers.join(', ')} as ${[source.clientId, source.group ?? []].flat().join(', group ')}`
    : `topic log  ${source.directory}`,
  `start      ${source.start} where nothing is committed yet, else after the last commit`,
  `data loss  ${source.onDataLoss}`,
]

const decodeLines = ({ decode, columns, metadata, typedSql }: StreamPlan): readonly string[] => {
  const rows = decode.columns.map(({ name, path, level }) => {
    const type = columns.find((column) => column.name === name)?.type ?? ''
    return [path, `-> ${name}`, type, level === 1 ? 'nested row' : '']
  })
  const left = columns.filter((column) => typedSql.includes(absentColumn(column))).map(({ name }) => name)
  return [
    `decode     ${decode.kind.toUpperCase()}, a row per ${[decode.row, decode.nested ?? []].flat().join(', per ')}` +
      `; trim ${decode.trim}, empty_as_null ${decode.emptyAsNull}`,
    ...indent(table(rows), '           '),
    ...(left.length === 0 ? [] : [`           not used and not decoded: ${left.join(', ')}`]),
    ...(metadata.length === 0 ? [] : [`metadata   ${metadata.join(', ')}`]),
  ]
}

const ruleLines = ({ faults, onError, rejectLimit, dedup, watermark }: StreamPlan): readonly string[] => [
  `on error   ${onError.replace('_', ' ')}`,
  ...indent(
    table(
      faults.map(({ column, constraint, message, action }) => [
        column ?? constraint ?? '',
        message,
        `-> ${action.replace('_', ' ')}`,
      ]),
    ),
    '           ',
  ),
  ...(rejectLimit === undefined
    ? []
    : [`           at most ${rejectLimit.percent} % in ${duration(rejectLimit.interval_ms)}`]),
  ...(dedup === undefined ? [] : [`dedup      by ${dedup.columns.join(', ')} within ${duration(dedup.within_ms)}`]),
  ...(watermark === undefined ? [] : [`watermark  ${watermark.column} as ${watermark.expression}`]),
]

const streamLines = (stream: StreamPlan): readonly string[] => [
  `stream ${stream.name}`,
  ...indent([
    ...sourceLines(stream.source),
    ...decodeLines(stream),
    ...ruleLines(stream),
    `typed SQL  ${stream.typedSql}`,
  ]),
]

const outputLines = ({ target, sql, columns }: OutputPlan): readonly string[] => {
  const stored = columns.map(({ name, type, storedType }) => [
    name,
    type,
    type === storedType ? '' : `stored as ${storedType}`,
  ])
  const place =
    target.kind === 'table'
      ? [
          `location   ${target.location}`,
          `partition  ${target.partitionBy.map((name) => `${name}=…/`).join('') || 'none'}`,
          `files      Parquet, ${target.compression}, about ${target.targetFileBytes} bytes`,
          `           in row groups of ${target.rowGroupRows} rows`,
        ]
      : []
  return [
    `${target.kind} ${target.name}`,
    ...indent([...place, 'columns', ...indent(table(stored)), `SQL        ${sql}`]),
  ]
}

const limitLines = (limits: Limits): readonly string[] =>
  table(
    (Object.keys(LIMITS) as LimitName[]).map((name) => [
      name,
      String(limits[name]),
      limits[name] === LIMITS[name] ? '' : '(set)',
    ]),
  )

const triggerText = ({ trigger }: ConsumptionPlan): string =>
  trigger.kind === 'asap' ? 'as fast as data comes' : `every ${duration(trigger.interval_ms)}`

const consumptionText = (plan: ConsumptionPlan): string =>
  [
    `pipeline ${plan.pipeline}`,
    ...indent([
      `fingerprint  ${plan.fingerprint}`,
      `trigger      ${triggerText(plan)}`,
      ...(plan.staticFiles.length === 0 ? [] : [`static files ${plan.staticFiles.join(', ')}`]),
      ...plan.streams.flatMap(streamLines),
      ...plan.views.flatMap(({ name, sql }) => [`view ${name}`, `  SQL        ${sql}`]),
      ...plan.outputs.flatMap(outputLines),
      'limits',
      ...indent(limitLines(plan.limits)),
    ]),
  ].join('\n')

const sqlText = (plan: ConsumptionPlan): string =>
  [
    ...plan.streams.map(({ name, typedSql }) => `-- rows of ${name}\n${typedSql};`),
    ...plan.views.map(({ name, sql }) => `-- view ${name}\n${sql};`),
    ...plan.outputs.map(({ target, sql }) => `-- ${target.kind} ${target.name}\n${sql};`),
  ].join('\n\n')

const expressionText = (node: EngineNode): string => {
  const alias = textOf(node['alias'])
  const name = textOf(node['name'])
  return alias || name || textOf(node['expression_class']).replace('BOUND_', '').toLowerCase()
}

const planLines = (node: EngineNode): readonly string[] => {
  const type = textOf(node['type']).replace('LOGICAL_', '')
  const data = node['function_data']
  const source = isNode(data) ? textOf(data['table']) : ''
  const join = textOf(node['join_type'])
  const expressions = nodesOf(node['expressions']).map(expressionText)
  const facts = [join, source, expressions.length === 0 ? '' : `[${expressions.join(', ')}]`].filter(
    (fact) => fact !== '',
  )
  return [[type, ...facts].join(' '), ...indent(nodesOf(node['children']).flatMap(planLines))]
}

/** DuckDB's bound plan as a tree of operators, the last one first. */
export const planText = (plan: JsonValue): string => (isNode(plan) ? planLines(plan).join('\n') : '')

const withoutSpans = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSpans)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'span')
      .map(([key, child]) => [key, withoutSpans(child)]),
  )
}

const join = (parts: readonly string[]): string => parts.join('\n\n')

const plansOf = ({ boundPlans }: Program, pipelines: readonly ConsumptionPlan[]) =>
  pipelines.flatMap((pipeline) =>
    pipeline.outputs.flatMap(({ target }, index) => {
      const plan = boundPlans[`${pipeline.pipeline}/${index}`]
      return plan === undefined ? [] : [{ pipeline: pipeline.pipeline, target: target.name, plan }]
    }),
  )

/**
 * What a stage of compiling made of the file, for all of its pipelines or the one of that name; `name` may also be a
 * target of it. A name that no pipeline has gives an empty answer. No secret is in it: plans hold none.
 */
export const explain = (program: Program, stage: ExplainStage, name?: string): Explained => {
  const all = [...program.pipelines, ...program.explained]
  const named = ({ pipeline, outputs }: ConsumptionPlan) =>
    name === undefined || sameName(pipeline, name) || outputs.some(({ target }) => sameName(target.name, name))
  const pipelines = (program.pipelines.some(named) ? program.pipelines : all).filter(named)
  switch (stage) {
    case 'ast': {
      const json = withoutSpans(program.ast.statements)
      return { json, text: JSON.stringify(json, undefined, 2) }
    }
    case 'plan': {
      const plans = plansOf(program, pipelines)
      const text = join(plans.map(({ pipeline, target, plan }) => `pipeline ${pipeline}, ${target}\n${planText(plan)}`))
      return { text, json: plans.map((entry) => ({ ...entry, plan: JSON.parse(printJson(entry.plan)) })) }
    }
    case 'sql': {
      const json = pipelines.map(({ pipeline, streams, views, outputs }) => ({
        pipeline,
        streams: streams.map((stream) => ({ name: stream.name, sql: stream.typedSql })),
        views,
        outputs: outputs.map(({ target, sql }) => ({ name: target.name, sql })),
      }))
      return { text: join(pipelines.map(sqlText)), json }
    }
    case 'consumption':
      return { text: join(pipelines.map(consumptionText)), json: pipelines }
  }
}
