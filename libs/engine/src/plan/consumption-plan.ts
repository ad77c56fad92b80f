import type { Limits } from '../core/limits.ts'
import type { OnError, Violation } from '../sql/ast.ts'

/**
 * The consumption plan of one pipeline: everything that the runtime needs and nothing that it must look up. Plain JSON,
 * frozen, printed by `EXPLAIN (CONSUMPTION)`. Secrets are references (`{secret: name}`), never values.
 *
 * How its SQL is run, once per batch, in the pipeline's DuckDB session:
 * 1. For each stream the session fills the relation `"__arena_<stream>"` (a table function over shared memory):
 *    `__row UBIGINT` (ordinal in the batch, ascending by topic, partition, offset, row in message), then for each entry
 *    of `decode.columns` with index i a VARCHAR `c<i>`, then those of `metadata`, named as the user names them.
 * 2. `CREATE TEMP TABLE "__typed_<stream>" AS <typedSql>`: the user's columns under their own names and types,
 *    `__row`, the metadata columns of `metadata`, and `__faults0 … __faults<n>` (UBIGINT bit masks: bit b of
 *    `__faults<k>` set means that `faults[64*k + b]`… struck; 0 is a good row). The session explains a faulty row by
 *    looking up `faults`, and takes its text from the arena.
 * 3. Dead letters are made of the rows with a fault whose action is `dead_letter`; `drop` rows are counted; `fail` stops
 *    the pipeline; `null` and `warn` faults leave the row in (typedSql has set the column to NULL already), counted.
 * 4. `"__rows_<stream>"`: rows that stay; dedup (if any) removes repeats by `dedup.columns`; the result is the temp view
 *    `"<stream>"` with exactly the user's columns (plus used metadata columns).
 * 5. `views` are created in order; each output's `sql` runs: to Parquet for tables, to rows for console and memory.
 */
export interface ConsumptionPlan {
  readonly pipeline: string
  /** Hex SHA-256 of the canonical JSON of the plan without spans, comments and secrets. */
  readonly fingerprint: string
  readonly streams: readonly StreamPlan[]
  readonly views: readonly { readonly name: string; readonly sql: string }[]
  readonly outputs: readonly OutputPlan[]
  /** Absolute paths or globs of static files that the SQL reads: they enter `allowed_paths`. */
  readonly staticFiles: readonly string[]
  readonly trigger: { readonly kind: 'asap' } | { readonly kind: 'every'; readonly interval_ms: number }
  readonly limits: Limits
}

/** What a source does about a topic that is not there: absent, it waits for it. A run that is to end sets `fail`. */
interface MissingTopic {
  readonly whenMissing?: 'fail'
}

export type SourcePlan = MissingTopic &
  (
    | {
        readonly kind: 'kafka'
        readonly topic: string
        /** `host:port` entries, comma-separated in the SQL. */
        readonly brokers: readonly string[]
        readonly start: 'earliest' | 'latest'
        readonly onDataLoss: 'fail' | 'skip'
        readonly clientId: string
        /** Group that consumed positions are written back to, for lag tools only. */
        readonly group?: string
      }
    | {
        readonly kind: 'topiclog'
        readonly topic: string
        readonly directory: string
        readonly start: 'earliest' | 'latest'
        readonly onDataLoss: 'fail' | 'skip'
      }
  )

export interface DecodeColumn {
  /** Index i of `c<i>` in the arena relation. */
  readonly index: number
  /** The stream's column name. */
  readonly name: string
  /** As written, without quotes: `author/name`, `@id`, `text()`, `.`, or a JSON path `$.author.name`. */
  readonly path: string
  /** 0: relative to the row; 1: relative to the nested row. */
  readonly level: 0 | 1
}

export type DecodePlan =
  | {
      readonly kind: 'xml'
      readonly row: string
      readonly nested?: string
      readonly columns: readonly DecodeColumn[]
      readonly trim: boolean
      readonly emptyAsNull: boolean
    }
  | {
      readonly kind: 'json'
      readonly row: string
      readonly nested?: string
      readonly columns: readonly DecodeColumn[]
      readonly trim: boolean
      readonly emptyAsNull: boolean
    }

export const METADATA_COLUMNS = {
  _topic: 'VARCHAR',
  _partition: 'INTEGER',
  _offset: 'BIGINT',
  _timestamp: 'TIMESTAMP',
  _key: 'BLOB',
  _headers: 'STRUCT("key" VARCHAR, "value" BLOB)[]',
  _raw: 'BLOB',
} as const
export type MetadataColumn = keyof typeof METADATA_COLUMNS

export interface FaultRule {
  /** A code of core/errors/data.ts, or ENG_DATA_CHECK with `constraint` set. */
  readonly rule: string
  readonly constraint?: string
  readonly column?: string
  /** Index of the arena column that the value is quoted from, if there is one. */
  readonly arenaColumn?: number
  /** Says what was wanted, without the value: `is not a valid INTEGER`. */
  readonly message: string
  readonly action: Violation
}

export interface StreamPlan {
  readonly name: string
  readonly source: SourcePlan
  readonly decode: DecodePlan
  /** Used metadata columns, in the order of METADATA_COLUMNS. */
  readonly metadata: readonly MetadataColumn[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly typedSql: string
  readonly faults: readonly FaultRule[]
  readonly onError: OnError
  readonly rejectLimit?: { readonly percent: number; readonly interval_ms: number }
  readonly dedup?: { readonly columns: readonly string[]; readonly within_ms: number }
  readonly watermark?: { readonly column: string; readonly expression: string; readonly idleAfter_ms?: number }
}

export interface TablePlan {
  readonly kind: 'table'
  readonly name: string
  readonly location: string
  readonly partitionBy: readonly string[]
  readonly compression: 'snappy' | 'zstd' | 'gzip' | 'uncompressed'
  readonly targetFileBytes: number
  readonly rowGroupRows: number
}

export interface OutputPlan {
  readonly target: TablePlan | { readonly kind: 'console' | 'memory'; readonly name: string; readonly rowsMax?: number }
  /** A SELECT over stream and view names, with `now()` and its kin rewritten to the batch's time, casts to stored types done. */
  readonly sql: string
  /** Name, the query's type, and the type that is stored (dialect.md, "table types"). */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly storedType: string }[]
}

/** DuckDB variable that holds the batch's time; SQL reads it as `getvariable('millrace_batch_time')` (TIMESTAMPTZ). */
export const BATCH_TIME_VARIABLE = 'millrace_batch_time'
