import type { Vector } from '@duckdb/node-bindings'
import { METADATA_COLUMNS, type MetadataColumn, type StreamPlan } from '../plan/consumption-plan.ts'
import {
  CHUNK_ROWS,
  fillConstantText,
  fillInt32,
  fillInt64,
  fillOrdinals,
  fillSpans,
  fillText,
  fillTimestamps,
} from './fill.ts'
import { fillHeaders } from './headers.ts'
import { listOf, type Relation, type RelationColumn, structOf, TYPES } from './relation.ts'
import type { SegmentView } from './segment-view.ts'

const METADATA_TYPES = {
  _topic: TYPES.varchar,
  _partition: TYPES.integer,
  _offset: TYPES.bigint,
  _timestamp: TYPES.timestamp,
  _key: TYPES.blob,
  _headers: listOf(structOf({ key: TYPES.varchar, value: TYPES.blob })),
  _raw: TYPES.blob,
} as const satisfies Record<MetadataColumn, unknown>

const METADATA_NAMES = Object.keys(METADATA_COLUMNS) as MetadataColumn[]

/**
 * Columns of `"__arena_<stream>"`: `__row`, `c0` …, then all metadata columns; what no query asks for costs nothing.
 *
 */
export const arenaColumns = (stream: StreamPlan): readonly RelationColumn[] => [
  { name: '__row', type: TYPES.ubigint },
  ...stream.decode.columns.map((column) => ({ name: `c${column.index}`, type: TYPES.varchar })),
  ...METADATA_NAMES.map((name) => ({ name, type: METADATA_TYPES[name] })),
]

/** Calls `each` for runs of at most CHUNK_ROWS rows that lie within one segment. */
const forRuns = (
  views: readonly SegmentView[],
  each: (view: SegmentView, from: number, rows: number) => void,
): void => {
  for (const view of views) {
    for (let from = 0; from < view.segment.rows; from += CHUNK_ROWS) {
      each(view, from, Math.min(CHUNK_ROWS, view.segment.rows - from))
    }
  }
}

/** The decoded rows of one stream's segments, in the order of `__row`. */
export class ArenaRelation implements Relation {
  readonly rows: number
  /** Time that this thread spent on filling vectors. */
  fill_ms = 0
  readonly #runs: { readonly view: SegmentView; readonly from: number; readonly rows: number }[] = []
  readonly #columns: number

  constructor(views: readonly SegmentView[], columns: number) {
    this.#columns = columns
    this.rows = views.reduce((sum, view) => sum + view.segment.rows, 0)
    forRuns(views, (view, from, rows) => this.#runs.push({ view, from, rows }))
  }

  get pieces(): number {
    return this.#runs.length
  }

  rowsOf(piece: number): number {
    return this.#runs[piece]!.rows
  }

  fill(piece: number, column: number, vector: Vector): void {
    const start = performance.now()
    const { view, from, rows } = this.#runs[piece]!
    if (column === 0) fillOrdinals(vector, view.firstRow + from, rows)
    else if (column <= this.#columns) fillText(vector, view.columns[column - 1]!, from, rows)
    else fillMetadata(METADATA_NAMES[column - 1 - this.#columns]!, vector, view, from, rows)
    this.fill_ms += performance.now() - start
  }
}

const topics = new TextEncoder()

const fillMetadata = (name: MetadataColumn, vector: Vector, view: SegmentView, from: number, rows: number): void => {
  const messageOf = (row: number): number => view.rowMessage[from + row]!
  switch (name) {
    case '_topic':
      fillConstantText(vector, topics.encode(view.segment.topic), rows)
      break
    case '_partition':
      fillInt32(vector, () => view.segment.partition, rows)
      break
    case '_offset':
      fillInt64(vector, view.offsetWords, messageOf, rows)
      break
    case '_timestamp':
      fillTimestamps(vector, view.timestamps_ms, messageOf, rows)
      break
    case '_key':
      fillSpans(vector, view.raw, view.keys, messageOf, rows)
      break
    case '_raw':
      fillSpans(vector, view.raw, view.values, messageOf, rows)
      break
    case '_headers':
      fillHeaders(vector, view.raw, view.headers, messageOf, rows)
      break
  }
}
