import type { AbortedTransaction, FetchRequest } from '../port.ts'

/**
 * Fetch Request (Version 11) => replica_id INT32, max_wait_ms INT32, min_bytes INT32, max_bytes INT32,
 *   isolation_level INT8, session_id INT32, session_epoch INT32, [topics], [forgotten_topics_data], rack_id STRING
 *   topics => topic STRING, [partitions]
 *   partitions => partition INT32, current_leader_epoch INT32, fetch_offset INT64, log_start_offset INT64,
 *     partition_max_bytes INT32
 */
export const FETCH_V11 = { key: 1, version: 11, name: 'Fetch' }

export interface FetchLimits {
  readonly wait_ms: number
  readonly bytes_max: number
  readonly partition_bytes_max: number
}

export const encodeFetch = (topic: string, requests: readonly FetchRequest[], limits: FetchLimits): Buffer => {
  const name = Buffer.from(topic)
  const body = Buffer.alloc(25 + 4 + 2 + name.length + 4 + requests.length * 28 + 4 + 2)
  let at = body.writeInt32BE(-1, 0)
  at = body.writeInt32BE(limits.wait_ms, at)
  at = body.writeInt32BE(1, at)
  at = body.writeInt32BE(limits.bytes_max, at)
  at = body.writeInt8(1, at)
  at = body.writeInt32BE(0, at)
  at = body.writeInt32BE(-1, at)
  at = body.writeInt32BE(1, at)
  at = body.writeInt16BE(name.length, at)
  at += name.copy(body, at)
  at = body.writeInt32BE(requests.length, at)
  for (const { partition, position } of requests) {
    at = body.writeInt32BE(partition, at)
    at = body.writeInt32BE(-1, at)
    at = body.writeBigInt64BE(position, at)
    at = body.writeBigInt64BE(-1n, at)
    at = body.writeInt32BE(limits.partition_bytes_max, at)
  }
  at = body.writeInt32BE(0, at)
  body.writeInt16BE(0, at)
  return body
}

export interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  /** The last stable offset: what read_committed may see. */
  readonly latest: bigint
  readonly aborted: readonly AbortedTransaction[]
  /** A view of the answer, not a copy. */
  readonly records: Buffer
}

/**
 * Fetch Response (Version 11) => throttle_time_ms INT32, error_code INT16, session_id INT32, [responses]
 *   responses => topic STRING, [partitions]
 *   partitions => partition INT32, error_code INT16, high_watermark INT64, last_stable_offset INT64,
 *     log_start_offset INT64, [aborted_transactions], preferred_read_replica INT32, records BYTES
 *   aborted_transactions => producer_id INT64, first_offset INT64
 * Throws RangeError where the answer is shorter than it says.
 */
export const decodeFetch = (answer: Buffer): { errorCode: number; partitions: FetchedPartition[] } => {
  const partitions: FetchedPartition[] = []
  const errorCode = answer.readInt16BE(4)
  let at = 10
  const topics = answer.readInt32BE(at)
  at += 4
  for (let topic = 0; topic < topics; topic++) {
    at += 2 + answer.readInt16BE(at)
    const count = answer.readInt32BE(at)
    at += 4
    for (let i = 0; i < count; i++) at = decodePartition(answer, at, partitions)
  }
  return { errorCode, partitions }
}

const decodePartition = (answer: Buffer, start: number, partitions: FetchedPartition[]): number => {
  const highWatermark = answer.readBigInt64BE(start + 6)
  const lastStable = answer.readBigInt64BE(start + 14)
  const transactions = Math.max(0, answer.readInt32BE(start + 30))
  let at = start + 34
  const aborted: AbortedTransaction[] = []
  for (let i = 0; i < transactions; i++, at += 16) {
    aborted.push({ producerId: answer.readBigInt64BE(at), firstOffset: answer.readBigInt64BE(at + 8) })
  }
  const bytes = Math.max(0, answer.readInt32BE(at + 4))
  at += 8
  if (at + bytes > answer.length) throw new RangeError('the fetch answer is cut short')
  partitions.push({
    partition: answer.readInt32BE(start),
    errorCode: answer.readInt16BE(start + 4),
    latest: lastStable < 0n ? highWatermark : lastStable,
    aborted,
    records: answer.subarray(at, at + bytes),
  })
  return at + bytes
}
