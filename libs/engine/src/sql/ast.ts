import type { Span } from '../core/diagnostics.ts'

/**
 * What the clause parser makes of a file: our own statements as nodes, SELECT bodies and expressions as text with a
 * span (DuckDB parses those). All nodes are frozen and plain JSON. Names keep the user's spelling; they compare
 * case-insensitively, as DuckDB's do.
 */
export interface Identifier {
  readonly name: string
  readonly span: Span
}

/**
 * A piece of DuckDB SQL with its `${…}` filled in, and where it stood. No secret is ever in it. A position inside
 * `text` is turned into one of the file's by `sourceSpan` (sql/source-span.ts), which knows what was filled.
 */
export interface SqlText {
  readonly text: string
  readonly span: Span
  /** Where `text` differs from the file's own text, in order; absent where it does not. */
  readonly fills?: readonly FillNode[]
}

/** `text[start, end)` stands for the file's text under `source`. */
export interface FillNode {
  readonly start: number
  readonly end: number
  readonly source: Span
}

export interface OptionNode {
  readonly name: Identifier
  readonly value: {
    readonly kind: 'string' | 'number' | 'boolean' | 'word' | 'interval'
    /** The value: a string without its quotes, a number's digits, `true` or `false`, an interval's milliseconds. */
    readonly text: string
    readonly span: Span
    /** Set where `text` was filled from a secret: then `text` goes to the adapter that needs it and nowhere else. */
    readonly secret?: true
    /** What is printed for a secret: the string as written, with its `${…}`. Set where `secret` is. */
    readonly shown?: string
  }
}

export type Violation = 'fail' | 'drop' | 'null' | 'dead_letter' | 'warn'
export type OnError = 'dead_letter' | 'fail' | 'drop' | 'null'

export type ColumnNode =
  | {
      readonly kind: 'value'
      readonly name: Identifier
      readonly type: SqlText
      readonly notNull: boolean
      readonly path?: { readonly text: string; readonly span: Span }
      /** strptime pattern of `FORMAT '…'`. */
      readonly format?: { readonly text: string; readonly span: Span }
      readonly default?: SqlText
      readonly span: Span
    }
  | {
      readonly kind: 'generated'
      readonly name: Identifier
      readonly type: SqlText
      readonly expression: SqlText
      readonly notNull: boolean
      readonly span: Span
    }
  | {
      readonly kind: 'nested'
      readonly path: { readonly text: string; readonly span: Span }
      readonly columns: readonly ColumnNode[]
      readonly span: Span
    }

export interface ConstraintNode {
  /** Given, or `check_1`, `check_2`, … in the order of writing. */
  readonly name: Identifier
  readonly check: SqlText
  readonly onViolation?: Violation
  readonly span: Span
}

export interface WatermarkNode {
  readonly column: Identifier
  readonly expression: SqlText
  readonly idleAfter_ms?: number
  readonly span: Span
}

export interface FormatNode {
  readonly kind: Identifier
  readonly options: readonly OptionNode[]
  readonly span: Span
}

export interface CreateStreamNode {
  readonly kind: 'create_stream'
  readonly orReplace: boolean
  readonly name: Identifier
  readonly columns: readonly ColumnNode[]
  readonly constraints: readonly ConstraintNode[]
  readonly watermark?: WatermarkNode
  readonly source: { readonly kind: Identifier; readonly options: readonly OptionNode[]; readonly span: Span }
  readonly keyFormat?: FormatNode
  readonly format: FormatNode
  readonly onError: OnError
  readonly rejectLimit?: { readonly percent: number; readonly interval_ms: number; readonly span: Span }
  readonly dedup?: { readonly columns: readonly Identifier[]; readonly within_ms: number; readonly span: Span }
  readonly span: Span
}
export interface CreateViewStreamNode {
  readonly kind: 'create_stream_as'
  readonly orReplace: boolean
  readonly name: Identifier
  readonly select: SqlText
  readonly span: Span
}
export interface CreateTableNode {
  readonly kind: 'create_table'
  readonly orReplace: boolean
  readonly name: Identifier
  readonly columns: readonly { readonly name: Identifier; readonly type: SqlText; readonly notNull: boolean }[]
  readonly location: { readonly text: string; readonly span: Span }
  readonly partitionBy: readonly Identifier[]
  readonly key: readonly Identifier[]
  readonly retain?: { readonly interval_ms: number; readonly archiveTo?: string; readonly span: Span }
  readonly options: readonly OptionNode[]
  readonly span: Span
}
export interface CreateSinkNode {
  readonly kind: 'create_sink'
  readonly orReplace: boolean
  readonly name: Identifier
  readonly sink: Identifier
  readonly options: readonly OptionNode[]
  readonly key: readonly Identifier[]
  readonly span: Span
}
export interface InsertNode {
  readonly kind: 'insert'
  readonly mode: 'append' | 'ignore' | 'replace'
  readonly target: Identifier
  readonly select: SqlText
  readonly partitionBy?: readonly Identifier[]
  readonly emit?: { readonly mode: 'final' | 'changes' | 'all'; readonly span: Span }
  readonly late?: { readonly mode: 'drop' | 'dead_letter' | 'into'; readonly into?: Identifier; readonly span: Span }
  readonly allowLateness_ms?: number
  readonly every_ms?: number
  readonly span: Span
}
export interface CreateJobNode {
  readonly kind: 'create_job'
  readonly orReplace: boolean
  readonly name: Identifier
  readonly schedule?: { readonly cron: string; readonly timeZone?: string; readonly span: Span }
  readonly missed?: 'catch_up' | 'skip'
  readonly dependsOn: readonly Identifier[]
  readonly timeout_ms?: number
  readonly insert: InsertNode
  readonly span: Span
}
export interface ImportNode {
  readonly kind: 'import'
  readonly path: string
  readonly span: Span
}
export interface SetNode {
  readonly kind: 'set'
  readonly name: Identifier
  readonly value: OptionNode['value']
  readonly span: Span
}
export interface ShowNode {
  readonly kind: 'show'
  readonly what: 'streams' | 'tables' | 'sinks' | 'jobs' | 'batches' | 'dead_letters'
  readonly of?: Identifier
  readonly span: Span
}
export interface DescribeNode {
  readonly kind: 'describe'
  readonly name: Identifier
  readonly span: Span
}
export interface ExplainNode {
  readonly kind: 'explain'
  readonly stage: 'ast' | 'plan' | 'consumption' | 'sql'
  readonly statement: StatementNode
  readonly span: Span
}
/** A bare SELECT / WITH / FROM / VALUES. `run` prints its answer after the pipelines are defined; a stream in it is refused. */
export interface SelectNode {
  readonly kind: 'select'
  readonly select: SqlText
  readonly span: Span
}

export type StatementNode =
  | CreateStreamNode
  | CreateViewStreamNode
  | CreateTableNode
  | CreateSinkNode
  | InsertNode
  | CreateJobNode
  | ImportNode
  | SetNode
  | ShowNode
  | DescribeNode
  | ExplainNode
  | SelectNode

export interface FileNode {
  readonly file: string
  /** The text that all spans point into: the file as the user wrote it, `${…}` not filled in, so without secrets. */
  readonly text: string
  readonly statements: readonly StatementNode[]
}
