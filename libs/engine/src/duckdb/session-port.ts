import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { Segment } from '../runtime/segment.ts'

/** A file that a batch has left in its work folder, closed and fsynced, ready to be staged. */
export interface WrittenFile {
  /** Absolute local path. */
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export interface TableFile extends WrittenFile {
  /** Index into plan.outputs. */
  readonly output: number
  /** Hive path of the partition, encoded, without slashes at the ends: `year=2024/month=5`; empty when not partitioned. */
  readonly partition: string
}

/** Dedup keys that were new in this batch, of one stream and one time bucket. */
export interface StateFile extends WrittenFile {
  readonly stream: string
  /** The bucket covers record times [bucket_start_ms, bucket_end_ms). */
  readonly bucket_start_ms: number
  readonly bucket_end_ms: number
  /** A snapshot holds all live keys of its bucket; a delta only what its batch added. */
  readonly kind: 'delta' | 'snapshot'
}

export interface StreamCounts {
  readonly messages: number
  readonly rows: number
  readonly deadLetters: number
  readonly dropped: number
  readonly repeats: number
  readonly warned: number
  /** Rule (code or constraint name) → how many rows or messages it struck. */
  readonly byRule: Readonly<Record<string, number>>
}

export interface BatchInput {
  readonly version: string
  /** The batch's time, in ms since the epoch: what `now()` means in it. */
  readonly batchTime_ms: number
  /** Empty folder of this attempt; all files are written below it. */
  readonly directory: string
  readonly segments: readonly Segment[]
  /** Record-time watermark per stream name, minimum over active partitions, for dedup buckets; absent: none yet. */
  readonly watermarks_ms: Readonly<Record<string, number>>
  /** Ask for snapshot state files beside the deltas. */
  readonly snapshot: boolean
}

export interface BatchOutput {
  readonly tables: readonly TableFile[]
  readonly deadLetters: readonly WrittenFile[]
  readonly state: readonly StateFile[]
  /** Buckets that passed the horizon and were dropped, as `stream:bucket_start_ms`. */
  readonly droppedBuckets: readonly string[]
  readonly streams: Readonly<Record<string, StreamCounts>>
  /** Rows per output index. */
  readonly rowsWritten: readonly number[]
  /** Rows for console and memory targets, as JSON-safe values. */
  readonly shown: readonly {
    readonly output: number
    readonly columns: readonly string[]
    readonly rows: readonly (readonly unknown[])[]
    readonly truncated: boolean
  }[]
  /** Milliseconds by phase: fill, typed, rejects, dedup, outputs, hash. */
  readonly phases_ms: Readonly<Record<string, number>>
}

/** One pipeline's DuckDB. Runs in a worker thread of its own; every call is answered in order. */
export interface Session {
  /** Opens DuckDB, sets limits, registers the arena functions, then locks the configuration. */
  open(plan: ConsumptionPlan, folders: { readonly work: string }): Promise<void>
  /** Loads dedup state, oldest first. Called once, after open, before the first batch. */
  restore(
    files: readonly { readonly path: string; readonly file: Omit<StateFile, 'path' | 'rows' | 'bytes' | 'sha256'> }[],
  ): Promise<void>
  /** Runs one batch. The state moves on at once: after a batch that lost its commit the session is closed and rebuilt. */
  execute(input: BatchInput): Promise<BatchOutput>
  close(): Promise<void>
}
