import type { Diagnostic } from '../core/diagnostics.ts'
import type { JsonValue } from '../core/json.ts'
import type { Limits } from '../core/limits.ts'
import type { CreateStreamNode, ExplainNode, FileNode, ShowNode } from '../sql/ast.ts'
import type { ConsumptionPlan, OutputPlan, StreamPlan } from './consumption-plan.ts'

/** A name and a DuckDB type in DuckDB's own spelling. */
export interface Column {
  readonly name: string
  readonly type: string
}

/** A stream as bound: all of the user's columns, whether or not a pipeline uses them. */
export interface StreamEntry {
  readonly name: string
  readonly source: StreamPlan['source']
  readonly format: 'xml' | 'json'
  readonly columns: readonly (Column & { readonly path?: string; readonly notNull: boolean })[]
  readonly constraints: readonly { readonly name: string; readonly check: string; readonly action: string }[]
  readonly onError: CreateStreamNode['onError']
  readonly dedup?: StreamPlan['dedup']
  readonly watermark?: StreamPlan['watermark']
}

export interface ViewEntry {
  readonly name: string
  readonly sql: string
  readonly columns: readonly Column[]
}

export interface TableEntry {
  readonly name: string
  readonly location: string
  readonly partitionBy: readonly string[]
  /** Those of the pipeline that writes it, else those that were declared, else none. */
  readonly columns: readonly Column[]
}

export interface SinkEntry {
  readonly name: string
  readonly kind: 'console' | 'memory'
}

/** What SET says about stores where a location does not. Holds no secret. */
export interface StorageSettings {
  readonly s3Endpoint?: string
  readonly s3Region?: string
  readonly s3PathStyle?: boolean
  readonly webhdfsUser?: string
  readonly webhdfsPort?: number
}

/** What SET may say besides limits. */
export interface Settings {
  readonly limits: Limits
  readonly storage: StorageSettings
  readonly unboundedState: 'refuse' | 'allow'
  readonly timeZone: 'UTC'
}

/** Statements that look and change nothing, in the order of the file. */
export type Inspection =
  | {
      readonly kind: 'select'
      readonly sql: string
      readonly columns: readonly Column[]
      readonly staticFiles: readonly string[]
    }
  | { readonly kind: 'show'; readonly what: ShowNode['what']; readonly of?: string }
  | { readonly kind: 'describe'; readonly name: string }
  | {
      readonly kind: 'explain'
      readonly stage: ExplainNode['stage']
      /** The name that the explained statement defines or writes to; absent for a SELECT. */
      readonly name?: string
      readonly ast: ExplainNode['statement']
      readonly sql?: string
      readonly plan?: JsonValue
    }

/** A whole file, bound: everything that the command line needs to run, check or explain it. Frozen, plain JSON. */
export interface Program {
  readonly file: string
  readonly ast: FileNode
  readonly streams: readonly StreamEntry[]
  readonly views: readonly ViewEntry[]
  readonly tables: readonly TableEntry[]
  readonly sinks: readonly SinkEntry[]
  readonly pipelines: readonly ConsumptionPlan[]
  /** Pipelines of INSERTs that stand behind EXPLAIN: shown, never run. */
  readonly explained: readonly ConsumptionPlan[]
  /** DuckDB's bound logical plan of each output, keyed `pipeline/output index`; for EXPLAIN (PLAN). */
  readonly boundPlans: Readonly<Record<string, JsonValue>>
  readonly inspections: readonly Inspection[]
  readonly settings: Settings
  readonly warnings: readonly Diagnostic[]
}

export type { OutputPlan }
