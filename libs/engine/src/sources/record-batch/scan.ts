import { gunzipSync } from 'node:zlib'
import { type ErrorPlace, MillraceError } from '../../core/errors/index.ts'
import { LIMITS } from '../../core/limits.ts'
import { AbortFilter } from './abort-filter.ts'
import { crc32c } from './crc32c.ts'
import { ATTRIBUTE, BATCH, CODECS } from './layout.ts'
import { type RecordsHeader, scanRecords } from './scan-records.ts'
import type { RecordSpans } from './spans.ts'

export interface ScanOptions {
  /** What one compressed batch may unfold to; more is ENG_KAFKA_DECOMPRESSED_LIMIT. */
  readonly decompressedBytesMax?: number
  /** Leaves out what aborted transactions wrote. One filter per answer: a scan that goes on takes the same one again. */
  readonly aborts?: AbortFilter
  /** Topic and partition, for errors. */
  readonly place?: ErrorPlace
}

export interface ScanEnd {
  /** Bytes of whole batches that were read. */
  readonly consumed: number
  /** True when it stopped before the end because much was decompressed: scan the rest from `consumed` on. */
  readonly more: boolean
}

/** After so many decompressed bytes a scan pauses, so that a fetch of many small bombs takes bounded memory. */
const DECOMPRESSED_PAUSE_BYTES = 16 * 1024 * 1024

/**
 * Reads a run of record batches (magic 2) into the table, which is emptied first. Every batch has its CRC32C verified
 * before anything of it is believed. Control batches, records below `position` and records of aborted transactions are skipped; gaps
 * between offsets are legal; a last batch that is cut short is ignored. `table.nextOffset` is the position after the
 * last whole batch. Spans point into `table.bytes`: the given bytes, or a scratch buffer when something was compressed.
 * Throws ENG_KAFKA_CRC, ENG_KAFKA_CODEC, ENG_KAFKA_RECORD_FORMAT, ENG_KAFKA_DECOMPRESSED_LIMIT.
 */
export const scanRecordBatches = (
  bytes: Uint8Array,
  position: bigint,
  table: RecordSpans,
  options: ScanOptions = {},
): ScanEnd => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const from = Number(position)
  const transactions = options.aborts ?? new AbortFilter([])
  const compressed = hasCompression(bytes, view)
  let filled = 0
  let after = 0
  let at = 0
  table.count = 0
  table.nextOffset = position
  table.bytes = compressed ? table.scratch : bytes
  for (let end = batchEnd(bytes, view, at); end !== -1; end = batchEnd(bytes, view, at)) {
    const baseOffset = Number(view.getBigInt64(at + BATCH.baseOffset))
    const place = { ...options.place, offset: BigInt(baseOffset) }
    checkMagic(bytes[at + BATCH.magic]!, place)
    verifyCrc(bytes, view, at, end, place)
    const lastOffset = baseOffset + view.getInt32(at + BATCH.lastOffsetDelta)
    checkOrder(baseOffset, lastOffset, after, place)
    after = lastOffset + 1
    const attributes = view.getInt16(at + BATCH.attributes)
    const used = transactions.admits(view, at, lastOffset, attributes)
    if (lastOffset >= from) {
      if (used) {
        const header = recordsHeader(view, at, baseOffset, attributes, end, place)
        const first = at + BATCH.records
        if (!compressed) scanRecords(bytes, first, end, header, from, table, place)
        else {
          const block = unfold(bytes.subarray(first, end), attributes, options, place)
          table.scratch = withRoom(table.scratch, filled, block.length)
          table.scratch.set(block, filled)
          scanRecords(table.scratch, filled, filled + block.length, header, from, table, place)
          filled += block.length
          table.bytes = table.scratch
        }
      }
      table.nextOffset = BigInt(lastOffset + 1)
    }
    at = end
    if (filled >= DECOMPRESSED_PAUSE_BYTES && at < bytes.length) return { consumed: at, more: true }
  }
  return { consumed: at, more: false }
}

/** End of the batch at `at`, or -1 where it is cut short. */
const batchEnd = (bytes: Uint8Array, view: DataView, at: number): number => {
  if (at + BATCH.records > bytes.length) return -1
  const end = at + BATCH.prefix + view.getInt32(at + BATCH.length)
  if (end < at + BATCH.magic + 1) {
    throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'a record batch says that it has a negative length')
  }
  return end > bytes.length ? -1 : end
}

const hasCompression = (bytes: Uint8Array, view: DataView): boolean => {
  let at = 0
  for (let end = batchEnd(bytes, view, at); end !== -1; end = batchEnd(bytes, view, at)) {
    if (bytes[at + BATCH.magic] === 2 && (view.getInt16(at + BATCH.attributes) & ATTRIBUTE.codec) !== 0) return true
    at = end
  }
  return false
}

const checkMagic = (magic: number, place: ErrorPlace): void => {
  if (magic === 2) return
  throw new MillraceError(
    'ENG_KAFKA_RECORD_FORMAT',
    `the record batch has magic ${magic}; only magic 2 (Kafka 0.11 and later) is read`,
    place,
  )
}

const verifyCrc = (bytes: Uint8Array, view: DataView, at: number, end: number, place: ErrorPlace): void => {
  if (end < at + BATCH.records) {
    throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', 'the record batch is shorter than its own header', place)
  }
  const wanted = view.getUint32(at + BATCH.crc)
  const found = crc32c(bytes, at + BATCH.attributes, end)
  if (wanted === found) return
  throw new MillraceError(
    'ENG_KAFKA_CRC',
    `the record batch at offset ${place.offset} has CRC32C ${hex(found)} where its header says ${hex(wanted)}`,
    place,
  )
}

/** A batch's base offset is not covered by its checksum: at least it must follow from the batch before. */
const checkOrder = (baseOffset: number, lastOffset: number, after: number, place: ErrorPlace): void => {
  if (baseOffset >= after && lastOffset >= baseOffset) return
  const message = `a record batch covers offsets ${baseOffset} to ${lastOffset}, where ${after} or more was to come`
  throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', message, place)
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')

const recordsHeader = (
  view: DataView,
  at: number,
  baseOffset: number,
  attributes: number,
  end: number,
  place: ErrorPlace,
): RecordsHeader => {
  const count = view.getInt32(at + BATCH.count)
  const bytes = end - at - BATCH.records
  // A record takes at least seven bytes: a count that cannot be true must not size the table.
  const plausible = (attributes & ATTRIBUTE.codec) !== 0 ? LIMITS.record_decompressed_bytes_max / 7 : bytes / 7
  if (count < 0 || count > plausible) {
    throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', `a record batch says that it has ${count} records`, place)
  }
  const logAppendTime = (attributes & ATTRIBUTE.logAppendTime) !== 0
  return {
    baseOffset,
    baseTimestamp: Number(view.getBigInt64(at + BATCH.baseTimestamp)),
    appendTime: logAppendTime ? Number(view.getBigInt64(at + BATCH.maxTimestamp)) : undefined,
    count,
  }
}

const unfold = (block: Uint8Array, attributes: number, options: ScanOptions, place: ErrorPlace): Uint8Array => {
  const codec = attributes & ATTRIBUTE.codec
  if (codec === 0) return block
  if (codec !== 1) {
    const name = CODECS[codec] ?? `codec ${codec}`
    throw new MillraceError('ENG_KAFKA_CODEC', `the record batch is compressed with ${name}, not none or gzip`, place)
  }
  const bytesMax = options.decompressedBytesMax ?? LIMITS.record_decompressed_bytes_max
  try {
    return gunzipSync(block, { maxOutputLength: bytesMax })
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `the record batch unfolds to more than ${bytesMax} bytes (record_decompressed_bytes_max)`
      throw new MillraceError('ENG_KAFKA_DECOMPRESSED_LIMIT', message, { ...place, cause })
    }
    const message = `the gzip block of the record batch is broken: ${(cause as Error).message}`
    throw new MillraceError('ENG_KAFKA_RECORD_FORMAT', message, { ...place, cause })
  }
}

const withRoom = (scratch: Uint8Array, used: number, more: number): Uint8Array => {
  if (used + more <= scratch.length) return scratch
  const grown = new Uint8Array(Math.max(used + more, scratch.length * 2))
  grown.set(scratch.subarray(0, used))
  return grown
}

/**
 * The offset after the last whole batch in `bytes`, or undefined where there is none: what to ask for next, known before
 * anything is scanned.
 */
export const offsetAfter = (bytes: Uint8Array): bigint | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let last = -1
  let at = 0
  for (let end = batchEnd(bytes, view, at); end !== -1; end = batchEnd(bytes, view, at)) {
    last = at
    at = end
  }
  if (last === -1 || bytes[last + BATCH.magic] !== 2) return undefined
  return view.getBigInt64(last + BATCH.baseOffset) + BigInt(view.getInt32(last + BATCH.lastOffsetDelta)) + 1n
}
