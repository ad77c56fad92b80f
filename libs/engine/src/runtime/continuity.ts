import { MillraceError } from '../core/errors/index.ts'
import { decodePartitionPath } from '../core/partition-path.ts'
import type { ConsumptionPlan, OutputPlan, TablePlan } from '../plan/consumption-plan.ts'
import type { CommitRecord, TableSchema } from '../protocol/records.ts'

/**
 * Refuses a plan whose batches would not follow from the newest commit: ENG_RUN_SOURCE_CHANGED,
 * ENG_RUN_PARTITIONS_CHANGED, ENG_RUN_COLUMNS_CHANGED.
 */
export const assertContinues = (plan: ConsumptionPlan, head: CommitRecord): void => {
  assertSameSources(plan, head)
  for (const output of plan.outputs) {
    const { target } = output
    if (target.kind !== 'table') continue
    const schema = head.schemas !== undefined && Object.hasOwn(head.schemas, target.name) && head.schemas[target.name]
    assertSamePartitions(target, schema ? schema.partitionBy : partitionsOfFiles(target, head), head)
    if (schema) assertKeepsColumns(output, target, schema, head)
  }
}

/** Positions of a topic that is no longer read would be carried on for ever, and mean nothing. */
const assertSameSources = (plan: ConsumptionPlan, head: CommitRecord): void => {
  const topics = new Set(plan.streams.map((stream) => stream.source.topic))
  const gone = Object.keys(head.end).filter((topic) => !topics.has(topic))
  if (gone.length === 0) return
  const message = `Pipeline ${plan.pipeline} has read topic ${gone.join(', ')} up to version ${head.version}; the file reads ${[...topics].join(', ')}`
  throw new MillraceError('ENG_RUN_SOURCE_CHANGED', message)
}

/** Spark and DuckDB read no mixture of folders of two kinds. */
const assertSamePartitions = (
  { name, partitionBy }: TablePlan,
  before: readonly string[] | undefined,
  { version }: CommitRecord,
): void => {
  if (before === undefined || before.join('/') === partitionBy.join('/')) return
  const message = `Table ${name} is partitioned by ${columnList(before)} up to version ${version}; the file says ${columnList(partitionBy)}`
  throw new MillraceError('ENG_RUN_PARTITIONS_CHANGED', message)
}

/** What a record without schemas still tells: the folders of the files that it added. */
const partitionsOfFiles = (target: TablePlan, head: CommitRecord): readonly string[] | undefined => {
  const file = head.files.find((one) => one.of === target.name)
  if (file?.partition === undefined) return undefined
  const names = decodePartitionPath(file.partition).map(({ name }) => name)
  return names.some((name) => name.includes('~')) ? undefined : names
}

/**
 * Readers take a column's type from one file and cast or fail on the others; one that is gone from new files reads as
 * NULL. A column that is new reads as NULL in old files, as it should.
 */
const assertKeepsColumns = (output: OutputPlan, target: TablePlan, schema: TableSchema, head: CommitRecord): void => {
  const now = new Map(output.columns.map(({ name, storedType }) => [name, storedType]))
  const changes = schema.columns.flatMap(({ name, storedType }) => {
    const type = now.get(name)
    if (type === storedType) return []
    return [
      `column ${name} is ${storedType}, ${type === undefined ? 'and the file has none of that name' : `and the file makes it ${type}`}`,
    ]
  })
  if (changes.length === 0) return
  const message = `Table ${target.name} as written up to version ${head.version}: ${changes.join('; ')}`
  throw new MillraceError('ENG_RUN_COLUMNS_CHANGED', message)
}

const columnList = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : `(${names.join(', ')})`)
