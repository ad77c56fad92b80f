import type { Positions } from '../core/positions.ts'
import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { Segment } from './segment.ts'

/** Where reading begins, after start policies, the last commit and the brokers have been asked. */
export interface FeedStart {
  readonly positions: Positions
  /** Topic → identity of its incarnation, where the source knows one. */
  readonly topicIds: Readonly<Record<string, string>>
  /** Offsets after the last record at this moment: what `--once` reads up to. */
  readonly latest: Positions
}

export interface FeedBatch {
  readonly start: Positions
  readonly end: Positions
  /** Newest known end of each partition: lag is `latest - end`. */
  readonly latest: Positions
  readonly segments: readonly Segment[]
  /** True when `until` was given and is reached by `end`. */
  readonly done: boolean
  readonly phases_ms: Readonly<Record<'fetch' | 'scan' | 'wait', number>>
}

export interface FeedRequest {
  readonly bytes_max: number
  readonly rows_max: number
  /** How long to go on collecting after the first record of the batch, in ms; 0: whatever one fetch round brings. */
  readonly linger_ms: number
  /** Stop at these offsets (exclusive). */
  readonly until?: Positions
}

/** The reading side of one pipeline: fetch, scan, decode. Runs in a worker thread of its own. */
export interface Feed {
  /** `committed` is the newest commit's `end` (absent on a first run) and `topicIds` its topic ids. New partitions start at earliest. */
  open(
    plan: ConsumptionPlan,
    committed: { readonly positions: Positions; readonly topicIds: Readonly<Record<string, string>> } | undefined,
  ): Promise<FeedStart>
  /**
   * The next batch after the one before it; never empty unless `done` or the request was aborted by `interrupt`.
   * Reading ahead is the feed's affair: while a batch is being executed it may already fill the next, within two batches' memory.
   */
  next(request: FeedRequest): Promise<FeedBatch>
  /** Makes a waiting `next` return what it has (perhaps nothing). */
  interrupt(): void
  /** Gives segments' memory back, by id. */
  release(segmentIds: readonly number[]): void
  acknowledge(positions: Positions): Promise<void>
  close(): Promise<void>
}

/** Things a feed tells without being asked. */
export interface FeedEvents {
  /** A sentence for people about what is being retried; undefined: it works again. */
  onTrouble(message: string | undefined): void
}
