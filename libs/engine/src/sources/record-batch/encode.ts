import { gzipSync } from 'node:zlib'
import type { ProduceMessage } from '../produce/message.ts'
import { crc32c } from './crc32c.ts'
import { BATCH } from './layout.ts'

export interface EncodeOptions {
  readonly baseOffset: bigint
  /** Time of messages that bring none, in ms since the epoch. */
  readonly now_ms: number
  readonly compression?: 'none' | 'gzip'
}

/** A buffer that grows geometrically, written from front to back. */
class Writer {
  bytes = Buffer.allocUnsafe(64 * 1024)
  at = 0

  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.at + more, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
  }

  varint(value: number): void {
    let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
    while (zigzag >= 128) {
      this.bytes[this.at++] = (zigzag & 127) | 128
      zigzag >>>= 7
    }
    this.bytes[this.at++] = zigzag
  }

  varlong(value: number): void {
    let zigzag = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    while (zigzag >= 128n) {
      this.bytes[this.at++] = Number(zigzag & 127n) | 128
      zigzag >>= 7n
    }
    this.bytes[this.at++] = Number(zigzag)
  }

  /** Length and bytes; null is length -1. */
  block(value: Uint8Array | null): void {
    if (value === null) {
      this.varint(-1)
      return
    }
    this.varint(value.length)
    this.bytes.set(value, this.at)
    this.at += value.length
  }
}

const varintBytes = (value: number): number => {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  let bytes = 1
  for (; zigzag >= 128; zigzag >>>= 7) bytes++
  return bytes
}

const varlongBytes = (value: number): number => {
  if (value >= -64 && value < 64) return 1
  let zigzag = value < 0 ? -value * 2 - 1 : value * 2
  let bytes = 1
  for (; zigzag >= 128; zigzag = Math.floor(zigzag / 128)) bytes++
  return bytes
}

const blockBytes = (value: Uint8Array | null): number => (value === null ? 1 : varintBytes(value.length) + value.length)

/** One record batch (magic 2, KIP-98) of at least one message, as a broker stores it: offsets count up from `baseOffset`. */
export const encodeRecordBatch = (messages: readonly ProduceMessage[], options: EncodeOptions): Buffer => {
  const writer = new Writer()
  const gzip = options.compression === 'gzip'
  writer.at = gzip ? 0 : BATCH.records
  const base_ms = messages[0]?.timestamp_ms ?? options.now_ms
  let max_ms = base_ms
  messages.forEach((message, index) => {
    const time_ms = message.timestamp_ms ?? options.now_ms
    if (time_ms > max_ms) max_ms = time_ms
    writeRecord(writer, message, index, time_ms - base_ms)
  })
  if (gzip) {
    const block = gzipSync(writer.bytes.subarray(0, writer.at))
    writer.at = BATCH.records
    writer.reserve(block.length)
    writer.bytes.set(block, writer.at)
    writer.at += block.length
  }
  const batch = writer.bytes.subarray(0, writer.at)
  batch.writeBigInt64BE(options.baseOffset, BATCH.baseOffset)
  batch.writeInt32BE(batch.length - BATCH.prefix, BATCH.length)
  batch.writeInt32BE(0, BATCH.leaderEpoch)
  batch[BATCH.magic] = 2
  batch.writeInt16BE(gzip ? 1 : 0, BATCH.attributes)
  batch.writeInt32BE(messages.length - 1, BATCH.lastOffsetDelta)
  batch.writeBigInt64BE(BigInt(base_ms), BATCH.baseTimestamp)
  batch.writeBigInt64BE(BigInt(max_ms), BATCH.maxTimestamp)
  batch.writeBigInt64BE(-1n, BATCH.producerId)
  batch.writeInt16BE(-1, BATCH.producerEpoch)
  batch.writeInt32BE(-1, BATCH.baseSequence)
  batch.writeInt32BE(messages.length, BATCH.count)
  batch.writeUInt32BE(crc32c(batch, BATCH.attributes, batch.length), BATCH.crc)
  return batch
}

const writeRecord = (writer: Writer, message: ProduceMessage, index: number, delta_ms: number): void => {
  const headers = (message.headers ?? []).map(({ key, value }) => ({ key: Buffer.from(key), value }))
  let length = 1 + varlongBytes(delta_ms) + varintBytes(index) + blockBytes(message.key) + blockBytes(message.value)
  length += varintBytes(headers.length)
  for (const { key, value } of headers) length += blockBytes(key) + blockBytes(value)
  writer.reserve(length + 5)
  writer.varint(length)
  writer.bytes[writer.at++] = 0
  if (delta_ms >= 0 && delta_ms < 2 ** 30) writer.varint(delta_ms)
  else writer.varlong(delta_ms)
  writer.varint(index)
  writer.block(message.key)
  writer.block(message.value)
  writer.varint(headers.length)
  for (const { key, value } of headers) {
    writer.block(key)
    writer.block(value)
  }
}
