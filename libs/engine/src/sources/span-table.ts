/**
 * Where each message of a run of record batches lies, as plain numbers in typed arrays: nothing is allocated per
 * message. Spans point into `bytes`. A length of -1 means null (a tombstone's value, a message without a key).
 */
export interface SpanTable {
  /** The record bytes: what was fetched, or what was decompressed from it. */
  bytes: Uint8Array
  count: number
  offsets: BigInt64Array
  timestamps_ms: BigInt64Array
  valueStart: Int32Array
  valueLength: Int32Array
  keyStart: Int32Array
  keyLength: Int32Array
  /** Span of the headers section: varint count, then key/value pairs (KIP-82). */
  headersStart: Int32Array
  headersLength: Int32Array
  /** The offset to read next, past control batches and compaction gaps. */
  nextOffset: bigint
}
