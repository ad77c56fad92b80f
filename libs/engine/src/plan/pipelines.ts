import type { BindContext } from './bind-select.ts'
import { printSelect } from './bind-select.ts'
import { type BoundInsert, storedSelect } from './bind-insert.ts'
import type { BoundStream } from './bind-stream.ts'
import { METADATA_NAMES } from './catalog.ts'
import type { ConsumptionPlan, MetadataColumn, OutputPlan, StreamPlan } from './consumption-plan.ts'
import { meaningOf } from './fingerprint.ts'
import { nameKey, sameName } from './identifier.ts'
import type { Settings } from './program.ts'
import { neededMetadata, typedSql } from './typed-sql.ts'

/** INSERTs that share a stream, directly or through others, belong together: one read, one commit. */
const groupInserts = (inserts: readonly BoundInsert[]): readonly (readonly BoundInsert[])[] => {
  let groups: { readonly streams: ReadonlySet<string>; readonly inserts: readonly BoundInsert[] }[] = []
  for (const insert of inserts) {
    const streams = new Set(insert.select.used.keys())
    const touching = groups.filter((group) => [...group.streams].some((name) => streams.has(name)))
    const merged = {
      streams: new Set([...touching.flatMap((group) => [...group.streams]), ...streams]),
      inserts: [...touching.flatMap((group) => group.inserts), insert],
    }
    const first = touching[0] === undefined ? groups.length : groups.indexOf(touching[0])
    groups = groups.filter((group) => !touching.includes(group))
    groups.splice(Math.min(first, groups.length), 0, merged)
  }
  return groups.map((group) => inserts.filter((insert) => group.inserts.includes(insert)))
}

const checkTargets = (groups: readonly (readonly BoundInsert[])[], { problems }: BindContext): void => {
  const owner = new Map<string, readonly BoundInsert[]>()
  for (const group of groups) {
    for (const { node, target, columns, partitionBy } of group) {
      const other = owner.get(nameKey(target.name))
      if (other !== undefined && other !== group) {
        const message = `another pipeline writes ${target.name} already`
        const hint = 'A second pipeline into the same target needs CREATE JOB, which is not supported yet.'
        problems.error('ENG_SQL_PIPELINE', node.target.span, message, hint)
      }
      const first = group.find((insert) => insert.target === target)!
      const shape = (list: BoundInsert['columns']) =>
        list
          .map((c) => `${nameKey(c.name)} ${c.storedType}`)
          .sort()
          .join()
      const differs = shape(first.columns) !== shape(columns) || first.partitionBy.join() !== partitionBy.join()
      if (target.kind === 'table' && differs) {
        const message = `this INSERT gives ${target.name} other columns or partitions than the one before`
        problems.error('ENG_SQL_COLUMN_MISMATCH', node.target.span, message)
      }
      owner.set(nameKey(target.name), group)
    }
  }
}

const triggerOf = (inserts: readonly BoundInsert[], { problems }: BindContext): ConsumptionPlan['trigger'] => {
  const timed = inserts.filter(({ node }) => node.every_ms !== undefined)
  const interval_ms = timed[0]?.node.every_ms
  const other = timed.find(({ node }) => node.every_ms !== interval_ms)
  if (other !== undefined) {
    const message = 'the INSERTs of this pipeline have different EVERY intervals'
    problems.error(
      'ENG_SQL_PIPELINE',
      other.node.span,
      message,
      'INSERTs that read the same stream are one pipeline: one batch, one interval.',
    )
  }
  return interval_ms === undefined ? { kind: 'asap' } : { kind: 'every', interval_ms }
}

const usedBy = (inserts: readonly BoundInsert[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const used = new Map<string, Set<string>>()
  for (const { select } of inserts) {
    for (const [stream, columns] of select.used) used.set(stream, new Set([...(used.get(stream) ?? []), ...columns]))
  }
  return used
}

const streamPlan = (stream: BoundStream, used: ReadonlySet<string>): StreamPlan => {
  const metadata = neededMetadata(stream, used, METADATA_NAMES)
  const { sql, faults, decode } = typedSql(stream, used, metadata)
  const { source, onError, rejectLimit, dedup, watermark } = stream
  return {
    name: stream.name,
    source,
    decode: { ...stream.format, columns: decode },
    metadata,
    columns: stream.columns.map(({ name, type }) => ({ name, type })),
    typedSql: sql,
    faults,
    onError,
    ...(rejectLimit === undefined ? {} : { rejectLimit }),
    ...(dedup === undefined ? {} : { dedup }),
    ...(watermark === undefined ? {} : { watermark }),
  }
}

/** Views that the pipeline's queries name, with those that the views name, in the order of definition. */
const viewsOf = (inserts: readonly BoundInsert[], { catalog }: BindContext) => {
  const needed = new Set(inserts.flatMap(({ select }) => select.views))
  const views = [...catalog.all('view')].reverse().filter((view) => {
    if (!needed.has(nameKey(view.name))) return false
    for (const name of view.select.views) needed.add(name)
    return true
  })
  return views.reverse()
}

const targetOf = ({ target, partitionBy }: BoundInsert): OutputPlan['target'] => {
  if (target.kind === 'sink') {
    return {
      kind: target.sink,
      name: target.name,
      ...(target.rowsMax === undefined ? {} : { rowsMax: target.rowsMax }),
    }
  }
  const { name, location, compression, targetFileBytes, rowGroupRows } = target
  return { kind: 'table', name, location, partitionBy, compression, targetFileBytes, rowGroupRows }
}

const buildPipeline = async (
  inserts: readonly BoundInsert[],
  settings: Settings,
  sha256: (text: string) => string,
  context: BindContext,
): Promise<ConsumptionPlan> => {
  const used = usedBy(inserts)
  const streams = context.catalog
    .all('stream')
    .filter(({ name }) => used.has(nameKey(name)))
    .map((stream) => streamPlan(stream, used.get(nameKey(stream.name))!))
  const hidden = (relation: string): readonly MetadataColumn[] =>
    streams.find(({ name }) => sameName(name, relation))?.metadata ?? []
  const bound = viewsOf(inserts, context)
  const views: { name: string; sql: string }[] = []
  for (const { name, select } of bound) views.push({ name, sql: await printSelect(context, select, hidden) })
  const outputs: OutputPlan[] = []
  for (const insert of inserts) {
    const sql = storedSelect(await printSelect(context, insert.select, hidden), insert.columns)
    outputs.push({ target: targetOf(insert), sql, columns: insert.columns })
  }
  const files = [...inserts.map(({ select }) => select), ...bound.map(({ select }) => select)].flatMap(
    (s) => s.staticFiles,
  )
  const plan = {
    pipeline: inserts[0]!.target.name,
    streams,
    views,
    outputs,
    staticFiles: [...new Set(files)].sort(),
    trigger: triggerOf(inserts, context),
    limits: settings.limits,
  }
  return { ...plan, fingerprint: sha256(meaningOf(plan)) }
}

/** One consumption plan per group of INSERTs, in the order of their first INSERT. */
export const buildPipelines = async (
  inserts: readonly BoundInsert[],
  settings: Settings,
  sha256: (text: string) => string,
  context: BindContext,
): Promise<readonly { readonly plan: ConsumptionPlan; readonly inserts: readonly BoundInsert[] }[]> => {
  const groups = groupInserts(inserts)
  checkTargets(groups, context)
  const built = []
  for (const group of groups)
    built.push({ plan: await buildPipeline(group, settings, sha256, context), inserts: group })
  return built
}
