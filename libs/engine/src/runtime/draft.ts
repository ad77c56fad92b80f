import type { BatchOutput } from '../duckdb/session-port.ts'
import type { ConsumptionPlan, TablePlan } from '../plan/consumption-plan.ts'
import type { CommitCounts, TableSchema } from '../protocol/records.ts'
import type { CommitDraft } from '../protocol/types.ts'

/** Counts per stream, as a commit keeps them. */
export const commitCounts = (plan: ConsumptionPlan, output: BatchOutput): Readonly<Record<string, CommitCounts>> => {
  const toTables = output.rowsWritten.reduce(
    (sum, rows, i) => (plan.outputs[i]?.target.kind === 'table' ? sum + rows : sum),
    0,
  )
  return Object.fromEntries(
    Object.entries(output.streams).map(([stream, counts]) => [
      stream,
      // With one stream, what was written is its doing; with more, each says how many of its rows went on.
      { ...counts, written: plan.streams.length === 1 ? toTables : counts.rows - counts.dropped - counts.repeats },
    ]),
  )
}

/** Shape of the tables that the batch has files of: one without any file may still be given another. */
const schemasOf = (plan: ConsumptionPlan, output: BatchOutput): Readonly<Record<string, TableSchema>> =>
  Object.fromEntries(
    output.tables.map(({ output: index }) => {
      const { target, columns } = plan.outputs[index]!
      const { name, partitionBy } = target as TablePlan
      return [name, { columns: columns.map(({ name, storedType }) => ({ name, storedType })), partitionBy }]
    }),
  )

type Facts = Pick<CommitDraft, 'start' | 'end' | 'topicIds' | 'recordTimes_ms' | 'batchTime' | 'stateSnapshot'>

/** What the session wrote, as the commit log wants it. */
export const draftOf = (plan: ConsumptionPlan, output: BatchOutput, facts: Facts): CommitDraft => ({
  ...facts,
  fingerprint: plan.fingerprint,
  counts: commitCounts(plan, output),
  tables: output.tables.map(({ output: index, path, rows, bytes, sha256, partition }) => ({
    path,
    rows,
    bytes,
    sha256,
    partition,
    of: (plan.outputs[index]!.target as TablePlan).name,
  })),
  schemas: schemasOf(plan, output),
  deadLetters: output.deadLetters,
  // A snapshot holds what its batch added: the deltas beside it would be read twice.
  state: facts.stateSnapshot ? output.state.filter(({ kind }) => kind === 'snapshot') : output.state,
  droppedBuckets: output.droppedBuckets,
})
