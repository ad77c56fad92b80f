import type { Limits } from '../core/limits.ts'
import type { Positions } from '../core/positions.ts'
import type { FeedRequest } from './feed-port.ts'

/** Small enough that the first rows are committed within a second, large enough to be worth a file. */
const FIRST_BATCH_BYTES = 2 * 1024 * 1024
/** A live stream is collected for so long: a trade of freshness against small files. */
const LIVE_LINGER_MS = 500
/** A backlog fills its batch long before this; it ends a batch only when the brokers are slow. */
const BACKLOG_LINGER_MS = 5_000

/**
 * What to ask the feed for. The first batch is small and leaves at once. `shrink` halves the budget so many times: a
 * batch that ran out of memory is tried again smaller.
 */
export const batchRequest = (
  limits: Limits,
  first: boolean,
  shrink: number,
  until: Positions | undefined,
): FeedRequest => ({
  bytes_max: Math.max(64 * 1024, Math.min(limits.batch_bytes_max / 2 ** shrink, first ? FIRST_BATCH_BYTES : Infinity)),
  rows_max: Math.max(Math.min(1_000, limits.batch_rows_max), Math.floor(limits.batch_rows_max / 2 ** shrink)),
  linger_ms: first ? 0 : until === undefined ? LIVE_LINGER_MS : BACKLOG_LINGER_MS,
  ...(until === undefined ? {} : { until }),
})
