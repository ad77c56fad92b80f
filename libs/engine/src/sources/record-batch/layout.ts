/**
 * Record batch, magic 2 (KIP-98), big-endian:
 *   baseOffset => INT64            lastOffsetDelta => INT32
 *   batchLength => INT32           baseTimestamp   => INT64
 *   partitionLeaderEpoch => INT32  maxTimestamp    => INT64
 *   magic => INT8                  producerId      => INT64
 *   crc => UINT32 (CRC32C of all   producerEpoch   => INT16
 *          that follows it)        baseSequence    => INT32
 *   attributes => INT16            records         => [Record], an INT32 count first; compressed as one block
 * attributes: bits 0-2 codec, 3 timestamp type (1: log append time), 4 transactional, 5 control.
 * Record => length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT, key VARINT length + bytes,
 *   value VARINT length + bytes, headers VARINT count + (key VARINT length + bytes, value VARINT length + bytes)*.
 * Varints are zigzag; a length of -1 is null.
 */
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
  /** Bytes before what `length` counts. */
  prefix: 12,
} as const

export const ATTRIBUTE = { codec: 0x07, logAppendTime: 0x08, transactional: 0x10, control: 0x20 } as const

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
