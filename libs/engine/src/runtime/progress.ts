import type { CommitCounts } from '../protocol/records.ts'

/** Where the time of one batch went, in ms. Phases of different batches overlap: their sum is more than the wall. */
export interface BatchPhases {
  readonly read: number
  readonly scan: number
  readonly sql: number
  readonly commit: number
}

export interface BatchReport {
  readonly version: number
  /** Wall-clock time of the commit. */
  readonly time_ms: number
  readonly messages: number
  /** Record bytes that were read. */
  readonly bytesRead: number
  /** Rows written to tables. */
  readonly rows: number
  readonly files: number
  readonly bytesWritten: number
  readonly counts: Readonly<Record<string, CommitCounts>>
  /** Messages that are in the topics and not yet committed. */
  readonly lag: number
  readonly phases_ms: BatchPhases
  /** The session's own phases, for --profile. */
  readonly sqlPhases_ms: Readonly<Record<string, number>>
}

export type StopReason = 'done' | 'drained' | 'lost' | 'fenced' | 'failed'

/** What a running pipeline tells. None of it decides anything; the command line and the console render it. */
export type ProgressEvent =
  | {
      readonly kind: 'started'
      readonly pipeline: string
      /** Version of the newest commit; 0: none yet. */
      readonly version: number
      readonly epoch: number
      /** Messages between the committed positions and the ends of the topics. */
      readonly backlog: number
    }
  | ({ readonly kind: 'batch'; readonly pipeline: string } & BatchReport)
  /** Rows of a console or memory target. They are shown after the batch's commit. */
  | {
      readonly kind: 'shown'
      readonly pipeline: string
      readonly target: string
      readonly columns: readonly string[]
      readonly rows: readonly (readonly unknown[])[]
      readonly truncated: boolean
    }
  /** What is being retried; without a message: it works again. */
  | { readonly kind: 'trouble'; readonly pipeline: string; readonly message: string | undefined }
  | { readonly kind: 'note'; readonly pipeline: string; readonly message: string }
  | { readonly kind: 'stopped'; readonly pipeline: string; readonly reason: StopReason; readonly version: number }

export type Report = (event: ProgressEvent) => void
