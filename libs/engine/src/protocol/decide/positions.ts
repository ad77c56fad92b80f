import type { Positions } from '../../core/positions.ts'
import type { CommitGap } from '../records.ts'

export type PositionsDecision =
  | { readonly kind: 'ok'; readonly start: Positions; readonly end: Positions; readonly gaps: readonly CommitGap[] }
  | { readonly kind: 'refused'; readonly why: string }

const each = (positions: Positions): readonly (readonly [topic: string, partition: string, offset: string])[] =>
  Object.entries(positions).flatMap(([topic, partitions]) =>
    Object.entries(partitions).map(([partition, offset]) => [topic, partition, offset] as const),
  )

const overlay = (under: Positions, over: Positions): Positions => ({
  ...under,
  ...Object.fromEntries(Object.entries(over).map(([topic, partitions]) => [topic, { ...under[topic], ...partitions }])),
})

/**
 * The range of a commit. It starts where its parent ended, whatever else the reader says: partitions that are new
 * appear in `end` first, and those that are not read any more keep their position, so that they can come back. A
 * reader that starts behind the parent would double rows; one that starts after it has lost some, which is a gap of
 * the record where the policy allows it and refused where not.
 */
export const decidePositions = (
  parentEnd: Positions | undefined,
  draft: { readonly start: Positions; readonly end: Positions; readonly mayHaveGaps: boolean },
): PositionsDecision => {
  const gaps: CommitGap[] = []
  for (const [topic, partition, offset] of each(parentEnd ?? {})) {
    const from = draft.start[topic]?.[partition] ?? offset
    if (BigInt(from) < BigInt(offset)) return refused(topic, partition, `starts at ${from}, behind ${offset}`)
    if (from === offset) continue
    if (!draft.mayHaveGaps) return refused(topic, partition, `starts at ${from}, after ${offset}`)
    gaps.push({ topic, partition: Number(partition), from: offset, to: from })
  }
  const start = parentEnd ?? draft.start
  const end = overlay(start, draft.end)
  for (const [topic, partition, offset] of each(start)) {
    const to = end[topic]?.[partition] ?? offset
    if (BigInt(to) < BigInt(offset)) return refused(topic, partition, `ends at ${to}, before its start ${offset}`)
  }
  return { kind: 'ok', start, end, gaps }
}

const refused = (topic: string, partition: string, why: string): PositionsDecision => ({
  kind: 'refused',
  why: `partition ${partition} of ${topic} ${why}`,
})
