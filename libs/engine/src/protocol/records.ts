import type { Positions } from '../core/positions.ts'

/** The records of the commit protocol (protocol.md, section 3), as they are written: JSON, UTF-8, one object per file. */
export interface CommittedFile {
  /** What the store needs to publish it: the adapter's own value (a path, or an upload id with its parts). */
  readonly staged: string
  /** Where it is visible after publishing, as a path in the target's store. */
  readonly target: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  /** Table name, `dead_letters` or `state`. */
  readonly of: string
  readonly partition?: string
}

export interface CommittedState extends CommittedFile {
  readonly stream: string
  readonly bucket_start_ms: number
  readonly bucket_end_ms: number
  readonly kind: 'delta' | 'snapshot'
}

export interface CommitRecord {
  readonly format: 1
  readonly kind: 'batch' | 'rollback' | 'replay' | 'alter' | 'maintain'
  readonly pipeline: string
  /** 1, 2, 3 … with no gaps. A decimal string in JSON names is not needed: below 2^53. */
  readonly version: number
  /** `<epoch>-<random>`; never used twice. */
  readonly attempt: string
  readonly epoch: number
  /** Eight hex digits minted when the state was created: part of every data file's name. */
  readonly instance: string
  readonly parentSha256: string
  readonly fingerprint: string
  /** Equal to the parent's `end`; the first record's start is where reading began. */
  readonly start: Positions
  readonly end: Positions
  readonly topicIds: Readonly<Record<string, string>>
  readonly counts: Readonly<Record<string, CommitCounts>>
  /**
   * Shape of every table that files were ever committed to, by name: what a later run must not change under its
   * readers. Absent in records of versions that did not write it down.
   */
  readonly schemas?: Readonly<Record<string, TableSchema>>
  /** Files of tables. */
  readonly files: readonly CommittedFile[]
  readonly deadLetters: readonly CommittedFile[]
  /** State files added by this batch. With `stateSnapshot` they stand alone; else they follow the newest snapshot's. */
  readonly state: readonly CommittedState[]
  readonly stateSnapshot: boolean
  /** The version whose state files come first in a restore: the newest snapshot's, or the first with state; absent: no state yet. */
  readonly stateBase?: number
  /** `stream:bucket_start_ms` of buckets that passed the horizon. */
  readonly droppedBuckets: readonly string[]
  /** Greatest record time per stream and partition, so that the watermark survives a restart. */
  readonly recordTimes_ms: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Kind `rollback`: the version that was gone back to. */
  readonly to?: number
  /** Offsets [from, to) that were gone before they were read, under the policy `skip`; absent: none. */
  readonly gaps?: readonly CommitGap[]
  /** Target files that this commit takes away (compaction, rollback): none in kind `batch`. */
  readonly removes: readonly string[]
  /** What `now()` meant in this batch, ISO 8601 UTC. */
  readonly batchTime: string
  readonly host?: string
}

export interface TableSchema {
  /** In the order of the newest file's columns. */
  readonly columns: readonly { readonly name: string; readonly storedType: string }[]
  /** Empty: not partitioned. */
  readonly partitionBy: readonly string[]
}

export interface CommitGap {
  readonly topic: string
  readonly partition: number
  readonly from: string
  readonly to: string
}

export interface CommitCounts {
  readonly messages: number
  readonly rows: number
  readonly written: number
  readonly deadLetters: number
  readonly dropped: number
  readonly repeats: number
  readonly warned: number
  readonly byRule: Readonly<Record<string, number>>
}

/** `instance`: written once, when a pipeline's state is created. The first commit's `parentSha256` is the hash of its bytes. */
export interface InstanceRecord {
  readonly format: 1
  readonly pipeline: string
  readonly instance: string
}

/** `owner`, beside a table: names the one state that may write there under this pipeline's name. */
export interface OwnerRecord {
  readonly format: 1
  readonly pipeline: string
  readonly instance: string
  /** Where that state lives, for people: never a secret. */
  readonly state: string
}

/** `epochs/n`: one worker's claim. It proves nothing; it tells older workers to stop early. */
export interface EpochRecord {
  readonly format: 1
  readonly pipeline: string
  readonly epoch: number
  /** Random, so that a worker that got no answer knows its own claim again. */
  readonly worker: string
  readonly host?: string
}

/** `published/v`: all files of commit v are in place. `sha256` is the commit record's. */
export interface PublishedRecord {
  readonly format: 1
  readonly version: number
  readonly sha256: string
}
