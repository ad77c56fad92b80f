import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { Clock, Logger, Random } from '../core/ports.ts'
import type { Positions } from '../core/positions.ts'
import type { Crashpoint } from './crash-points.ts'
import type { CommitCounts, CommitRecord, CommittedState, TableSchema } from './records.ts'

/** Where one table lives: its store and its path there. The path is below the store's root, never the root itself. */
export interface TargetStore {
  readonly store: StorageAdapter
  readonly root: StoragePath
}

export interface RetryPolicy {
  readonly delay_ms_min: number
  readonly delay_ms_max: number
  /** Give up when one call has failed for so long; absent: never, the run waits for the store. */
  readonly giveUpAfter_ms?: number
}

export interface PipelineLogOptions {
  readonly pipeline: string
  /** The store of the state: the first table's own, or that of --state. */
  readonly state: StorageAdapter
  /** `stateRootOf(…)` of layout.ts. */
  readonly stateRoot: StoragePath
  /** Every table that the pipeline writes or has written, by name. */
  readonly targets: ReadonlyMap<string, TargetStore>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly crashpoint?: Crashpoint
  readonly retry?: Partial<RetryPolicy>
  /** A sentence for people about what is being retried; undefined: it works again. */
  readonly onTrouble?: (message: string | undefined) => void
  /** Files staged or published at once; default 8. */
  readonly concurrency?: number
  /** Names the machine in records, for people. */
  readonly host?: string
  /** Ends waiting and retrying: the pending call rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A finished local file: `WrittenFile` of the DuckDB session. */
export interface DraftFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export interface DraftTableFile extends DraftFile {
  /** Table name: a key of `targets`. */
  readonly of: string
  /** Hive path of the partition, encoded; empty when not partitioned. */
  readonly partition: string
}

export interface DraftStateFile extends DraftFile {
  readonly stream: string
  readonly bucket_start_ms: number
  readonly bucket_end_ms: number
  readonly kind: 'delta' | 'snapshot'
}

/** What a batch wants to commit. */
export interface CommitDraft {
  /** Where this batch began to read: the head's `end`, and the partitions that are new. */
  readonly start: Positions
  readonly end: Positions
  /** True under `on_data_loss = skip`: a start after the head's `end` is written down as a gap, else it is an ENG_BUG. */
  readonly mayHaveGaps?: boolean
  readonly topicIds: Readonly<Record<string, string>>
  readonly fingerprint: string
  readonly counts: Readonly<Record<string, CommitCounts>>
  readonly tables: readonly DraftTableFile[]
  /** Shape of the tables that `tables` has files of; those of other tables are taken over from the head. */
  readonly schemas?: Readonly<Record<string, TableSchema>>
  readonly deadLetters: readonly DraftFile[]
  readonly state: readonly DraftStateFile[]
  /** True when `state` holds a snapshot of every live bucket, so that nothing older is needed. */
  readonly stateSnapshot: boolean
  readonly droppedBuckets: readonly string[]
  readonly recordTimes_ms: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** ISO 8601, UTC. */
  readonly batchTime: string
}

/** A draft whose files are all in their stores, durable and invisible; nothing is committed yet. */
export interface StagedBatch {
  readonly record: CommitRecord
  readonly bytes: Uint8Array
  readonly sha256: string
}

export type DecideOutcome =
  | { readonly kind: 'won'; readonly record: CommitRecord }
  /** Another worker decided this version. Call recover, rebuild the session from it, and read on from its `end`. */
  | { readonly kind: 'lost'; readonly winner: CommitRecord }
export type CommitOutcome =
  | DecideOutcome
  /** A worker with a later epoch runs. Stop: nothing of this batch was committed by us. */
  | { readonly kind: 'fenced'; readonly by: number }

export type StageOutcome =
  | { readonly kind: 'staged'; readonly batch: StagedBatch }
  | { readonly kind: 'fenced'; readonly by: number }

/** A live state file, with the commit that it came with. */
export interface LiveState {
  readonly version: number
  readonly file: CommittedState
}

export interface Recovered {
  readonly epoch: number
  readonly instance: string
  /** The newest commit, published; absent: nothing was committed yet. */
  readonly head?: CommitRecord
  /** What the session restores, oldest first: a snapshot's files before the deltas that follow it. */
  readonly state: readonly LiveState[]
  /** Newest version with a state snapshot (0: none): the next is due `dedup_snapshot_versions_max` later. */
  readonly snapshotVersion: number
}

export interface VerifyProblem {
  readonly kind:
    | 'chain'
    | 'record'
    | 'missing'
    | 'bytes'
    | 'sha256'
    | 'rows'
    | 'uncommitted'
    | 'unpublished'
    | 'unknown_table'
  /** Version of the commit concerned, where there is one. */
  readonly version?: number
  /** The file or record concerned. */
  readonly path: string
  readonly message: string
}

export interface VerifyReport {
  readonly ok: boolean
  readonly commits: number
  readonly head?: number
  readonly end?: Positions
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly deadLetterFiles: number
  readonly deadLetterRows: number
  readonly stateFiles: number
  /** Staged objects that vacuum can delete now, and those that it must leave for the moment. */
  readonly staged: { readonly orphans: number; readonly pending: number; readonly bytes: number }
  /** Parquet files under a table's root that are not this pipeline's. */
  readonly foreign: readonly string[]
  readonly problems: readonly VerifyProblem[]
}

export interface VerifyOptions {
  /** Read every file and compare its SHA-256; default true. False: presence and length only. */
  readonly deep?: boolean
  /** Counts the rows of a Parquet file; absent: rows are not checked. Given the path in its store. */
  readonly countRows?: (store: StorageAdapter, path: StoragePath) => Promise<number>
  readonly onProgress?: (done: { readonly files: number; readonly commits: number }) => void
}

export interface VacuumOptions {
  /** Only say what would be deleted; default false. */
  readonly dryRun?: boolean
}

export interface VacuumReport {
  readonly dryRun: boolean
  /** Deleted, or with dryRun would be. */
  readonly deleted: readonly { readonly path: string; readonly version: number; readonly bytes: number }[]
  /** Staged objects left alone: their version is not decided and published yet, or they are not recognised. */
  readonly kept: readonly { readonly path: string; readonly reason: 'undecided' | 'unpublished' | 'unrecognised' }[]
  readonly bytes: number
}

/**
 * One pipeline's commit log. Caller's order: claim, recover, then for each batch stage → decide → publish (or commit,
 * which is all three). stage may run while publish of the version before is still going on; decide may not. After
 * `lost`, recover again before anything else; after `fenced`, stop. Reading (`head`, `readCommits`, `verify`, `vacuum`)
 * needs no claim. All methods throw MillraceError: ENG_STORE_*, ENG_PROTOCOL_*.
 */
export interface PipelineLog {
  /** Probes the stores, creates or reads the state, refuses foreign tables (ENG_PROTOCOL_OTHER_STATE), takes the next epoch. */
  claim(): Promise<number>
  /** Finds the newest commit, finishes its publication, and says which state files are live. */
  recover(): Promise<Recovered>
  /** A live state file into a local file. */
  downloadState(state: LiveState, localPath: string): Promise<void>
  stage(draft: CommitDraft): Promise<StageOutcome>
  /** The only step that commits. */
  decide(batch: StagedBatch): Promise<DecideOutcome>
  /** Idempotent; may be repeated by any worker. */
  publish(record: CommitRecord): Promise<void>
  /** stage, decide and publish. On `lost` and `fenced` the staged files of this attempt are junk for vacuum. */
  commit(draft: CommitDraft): Promise<CommitOutcome>
  head(): Promise<CommitRecord | undefined>
  /** Commits in order of version, both ends included. Verifies the chain between those it yields. */
  readCommits(range?: { readonly from?: number; readonly to?: number }): AsyncIterable<CommitRecord>
  /** Whether commit `version` is known to be published. */
  isPublished(version: number): Promise<boolean>
  verify(options?: VerifyOptions): Promise<VerifyReport>
  vacuum(options?: VacuumOptions): Promise<VacuumReport>
}
