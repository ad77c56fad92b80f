/**
 * What the feed thread hands to the session thread: the decoded rows of one run of messages of one partition, as
 * columns over shared memory. Survives postMessage: SharedArrayBuffers are shared, the rest is small and copied.
 * A segment is lent: whoever got it returns it by id (`release`), then its memory is used again.
 */
export interface SegmentColumn {
  /** UTF-8 text of the values, one after the other. Null values take no bytes. */
  readonly data: SharedArrayBuffer
  /** Uint32 end of row r's value in `data`; it starts where row r-1 ends. */
  readonly ends: SharedArrayBuffer
  /** Uint8 per row: 1 is NULL. */
  readonly nulls: SharedArrayBuffer
}

export interface DecodeReject {
  /** Index of the message in this segment. */
  readonly message: number
  /** Code of core/errors/data.ts. */
  readonly code: string
  /** What and where, for people: `tag </bok> closes <book> at byte 120`. */
  readonly detail: string
}

export interface Segment {
  readonly id: number
  /** Index into ConsumptionPlan.streams. */
  readonly stream: number
  readonly topic: string
  readonly partition: number
  /** Positions [start, end) that this segment covers; gaps are legal. */
  readonly start: bigint
  readonly end: bigint
  readonly messages: number
  readonly rows: number
  /** Record bytes, the measure of the batch budget. */
  readonly bytes: number
  /** Greatest record timestamp in ms, or undefined when there is no message. */
  readonly timestamp_ms_max?: number
  /** Copy of the record bytes that the spans point into. */
  readonly raw: SharedArrayBuffer
  /** BigInt64 per message. */
  readonly offsets: SharedArrayBuffer
  readonly timestamps_ms: SharedArrayBuffer
  /** Int32 start and length pairs per message; length -1 is null. */
  readonly values: SharedArrayBuffer
  readonly keys: SharedArrayBuffer
  readonly headers: SharedArrayBuffer
  /** Uint32 per row: index of its message. */
  readonly rowMessage: SharedArrayBuffer
  /** One per entry of the stream's `decode.columns`, in that order. */
  readonly columns: readonly SegmentColumn[]
  readonly rejects: readonly DecodeReject[]
}
