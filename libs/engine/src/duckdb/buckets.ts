import type { Vector } from '@duckdb/node-bindings'
import { CHUNK_ROWS, fillInt64, fillOrdinals } from './fill.ts'
import { type Relation, type RelationColumn, TYPES } from './relation.ts'
import type { SegmentView } from './segment-view.ts'

/** A time bucket holds the keys of records with times in [start_ms, end_ms). */
export interface Bucket {
  readonly start_ms: number
  readonly end_ms: number
}

export const BUCKETS_PER_WINDOW = 8
const WIDTH_MS_MIN = 60_000
/**
 * Files that one batch writes per stream; keys of more buckets go to a later one, and are kept longer than they must.
 *
 */
export const BUCKETS_PER_BATCH_MAX = 32

export const bucketWidth_ms = (within_ms: number): number =>
  Math.max(WIDTH_MS_MIN, Math.ceil(within_ms / BUCKETS_PER_WINDOW))

const bucketAt = (time_ms: number, width_ms: number): Bucket => {
  const start_ms = Math.floor(time_ms / width_ms) * width_ms
  return { start_ms, end_ms: start_ms + width_ms }
}

/** True when no record of the bucket's time can matter any more. */
export const isExpired = (bucket: Bucket, watermark_ms: number | undefined, within_ms: number): boolean =>
  watermark_ms !== undefined && bucket.end_ms <= watermark_ms - within_ms

export interface BucketClock {
  readonly within_ms: number
  readonly watermark_ms: number | undefined
  readonly batchTime_ms: number
}

/** Moves starts up to a later one of the same group, so that at most BUCKETS_PER_BATCH_MAX are left. */
const merged = (starts: readonly number[]): ReadonlyMap<number, number> => {
  const sorted = [...starts].sort((a, b) => a - b)
  const group = Math.ceil(sorted.length / BUCKETS_PER_BATCH_MAX)
  return new Map(
    sorted.map((start, i) => [start, sorted[Math.min(sorted.length - 1, i - (i % group) + group - 1)]!] as const),
  )
}

/**
 * Says for each message of a batch in which bucket its keys belong: that of its record time, held between the oldest
 * bucket that is still alive and the batch's time, so that a wrong clock can neither lose a key at once nor keep one
 * for ever. Moving a key to a later bucket is always safe: it is remembered longer.
 */
export class BatchBuckets {
  readonly buckets: readonly Bucket[]
  readonly #starts: readonly BigInt64Array[]

  constructor(views: readonly SegmentView[], clock: BucketClock) {
    const width_ms = bucketWidth_ms(clock.within_ms)
    const low = clock.watermark_ms === undefined ? Number.NEGATIVE_INFINITY : clock.watermark_ms - clock.within_ms
    const high = Math.max(clock.batchTime_ms, clock.watermark_ms ?? 0)
    const found = new Map<number, Bucket>()
    const bucketOf = (time_ms: number): number => {
      const bucket = bucketAt(time_ms < 0 ? high : Math.min(high, Math.max(low, time_ms)), width_ms)
      if (!found.has(bucket.start_ms)) found.set(bucket.start_ms, bucket)
      return bucket.start_ms
    }
    const raw = views.map((view) =>
      Float64Array.from({ length: view.segment.messages }, (_, m) => bucketOf(Number(view.timestamps_ms[m]!))),
    )
    const target = merged([...found.keys()])
    this.#starts = raw.map((starts) => BigInt64Array.from(starts, (start) => BigInt(target.get(start)!)))
    this.buckets = [...new Set(target.values())].map((start) => found.get(start)!)
  }

  /** Row → start of its bucket, as a relation. */
  relation(views: readonly SegmentView[]): Relation {
    return new BucketRelation(views, this.#starts)
  }
}

export const BUCKET_COLUMNS: readonly RelationColumn[] = [
  { name: '__row', type: TYPES.ubigint },
  { name: '__bucket', type: TYPES.bigint },
]

class BucketRelation implements Relation {
  readonly rows: number
  readonly #pieces: { readonly view: SegmentView; readonly from: number; readonly rows: number }[] = []
  readonly #starts: readonly Uint32Array[]

  constructor(views: readonly SegmentView[], starts: readonly BigInt64Array[]) {
    this.#starts = starts.map((array) => new Uint32Array(array.buffer))
    this.rows = views.reduce((sum, view) => sum + view.segment.rows, 0)
    for (const view of views) {
      for (let from = 0; from < view.segment.rows; from += CHUNK_ROWS) {
        this.#pieces.push({ view, from, rows: Math.min(CHUNK_ROWS, view.segment.rows - from) })
      }
    }
  }

  get pieces(): number {
    return this.#pieces.length
  }

  rowsOf(piece: number): number {
    return this.#pieces[piece]!.rows
  }

  fill(piece: number, column: number, vector: Vector): void {
    const { view, from, rows } = this.#pieces[piece]!
    if (column === 0) fillOrdinals(vector, view.firstRow + from, rows)
    else fillInt64(vector, this.#starts[view.index]!, (row) => view.rowMessage[from + row]!, rows)
  }
}
