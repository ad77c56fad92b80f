import type { Segment } from '../segment.ts'

/** One step of one partition: positions [start, end), and a segment for each stream of the source, or none at all. */
export interface Entry {
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
  readonly segments: readonly Segment[]
  readonly bytes: number
  readonly rows: number
}
