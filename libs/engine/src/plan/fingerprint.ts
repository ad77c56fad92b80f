import type { ConsumptionPlan, OutputPlan, StreamPlan } from './consumption-plan.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** JSON with the keys of every object in order, so that equal values have equal texts. */
const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value as { readonly [key: string]: Json | undefined })
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`
}

/** What a stream's rows mean: not the brokers or folder it is read from, nor how much is tolerated. */
const meaningOfStream = (stream: StreamPlan): Json => {
  const { source, rejectLimit: _rejectLimit, ...rest } = stream
  return { ...(rest as unknown as { [key: string]: Json }), topic: source.topic }
}

const meaningOfOutput = ({ target, sql, columns }: OutputPlan): Json => ({
  sql,
  columns: columns as unknown as Json,
  target: {
    kind: target.kind,
    name: target.name,
    ...(target.kind === 'table' ? { partitionBy: target.partitionBy } : {}),
  },
})

/**
 * The text that a plan is known by. In it: topics, paths, types, rules, dedup, SQL, outputs and their partitioning.
 * Not in it, because they change where and how fast but not what: brokers, locations, start, group, limits, trigger,
 * compression, file sizes. Whitespace, comments and secrets never get this far.
 */
export const meaningOf = (plan: Omit<ConsumptionPlan, 'fingerprint'>): string =>
  canonicalJson({
    pipeline: plan.pipeline,
    streams: plan.streams.map(meaningOfStream),
    views: plan.views as unknown as Json,
    outputs: plan.outputs.map(meaningOfOutput),
  })
