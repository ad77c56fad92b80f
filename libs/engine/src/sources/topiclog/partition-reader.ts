import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { MillraceError } from '../../core/errors/index.ts'
import { BATCH } from '../record-batch/layout.ts'
import { listSegments, segmentFile } from './layout.ts'
import { type Place, walkBatches } from './walk.ts'

/** An open segment file and a place in it. */
interface Cursor extends Place {
  readonly base: bigint
  readonly handle: number
}

/**
 * Reads one partition of an embedded topic. Files are read with blocking calls: they are on local disk, and the thread
 * that reads has nothing else to do. Remembers where it stopped, so that reading on costs no search.
 */
export class PartitionReader {
  readonly #folder: string
  readonly #place: { readonly topic: string; readonly partition: number }
  readonly #buffers = [Buffer.alloc(0), Buffer.alloc(0)]
  #turn = 0
  #cursor: Cursor | undefined
  /** The last whole batch's end, as far as it was looked for. */
  #tail: Cursor | undefined

  constructor(folder: string, topic: string, partition: number) {
    this.#folder = folder
    this.#place = { topic, partition }
  }

  /** First offset and the offset after the last whole batch. */
  bounds(): { readonly earliest: bigint; readonly latest: bigint } {
    const segments = listSegments(this.#folder)
    const last = segments.at(-1)
    if (last === undefined) return { earliest: 0n, latest: 0n }
    return { earliest: segments[0]!, latest: this.#findTail(last).offset }
  }

  #findTail(base: bigint): Place {
    if (this.#tail?.base !== base) {
      if (this.#tail !== undefined) closeSync(this.#tail.handle)
      const handle = openSync(segmentFile(this.#folder, base), 'r')
      this.#tail = { base, handle, at: 0, offset: base }
    }
    this.#tail = { ...this.#tail, ...walkBatches(this.#tail.handle, this.#tail, 'last') }
    return this.#tail
  }

  /**
   * Whole batches from the one that holds `position` on, at most `bytes_max` unless the first is larger; empty at the
   * end. Valid until the call after the next one. Throws ENG_KAFKA_OFFSETS_LOST for a position outside of the log.
   */
  read(position: bigint, bytes_max: number): { readonly bytes: Uint8Array; readonly latest: bigint } {
    const { latest } = this.bounds()
    if (this.#cursor?.offset !== position) this.#seek(position)
    const cursor = this.#atData()
    if (cursor === undefined) return { bytes: new Uint8Array(0), latest }
    this.#turn ^= 1
    let bytes = this.#load(cursor, bytes_max)
    let end = wholeBatches(bytes, cursor.offset)
    if (end.at === 0 && bytes.length >= BATCH.records) {
      bytes = this.#load(cursor, BATCH.prefix + bytes.readInt32BE(BATCH.length))
      end = wholeBatches(bytes, cursor.offset)
    }
    this.#cursor = { ...cursor, at: cursor.at + end.at, offset: end.offset }
    return { bytes: bytes.subarray(0, end.at), latest }
  }

  /** The cursor, in the next segment where the old one is read to its end; undefined when there is nothing to read. */
  #atData(): Cursor | undefined {
    const cursor = this.#cursor
    if (cursor === undefined || this.#end(cursor) > cursor.at) return cursor
    if (this.#tail === undefined || this.#tail.base <= cursor.base) return undefined
    if (listSegments(this.#folder).includes(cursor.offset)) return this.#open(cursor.offset)
    const message = `the segment that begins at offset ${cursor.offset} is missing`
    throw new MillraceError('ENG_TOPICLOG_BROKEN', message, { ...this.#place, offset: cursor.offset })
  }

  /** Where reading stops in a file: of the last one only what is known to be whole, since it may be growing. */
  #end(cursor: Cursor): number {
    return this.#tail?.base === cursor.base ? this.#tail.at : fstatSync(cursor.handle).size
  }

  #load(cursor: Cursor, bytes_max: number): Buffer {
    const size = Math.max(0, Math.min(bytes_max, this.#end(cursor) - cursor.at))
    if (this.#buffers[this.#turn]!.length < size) {
      this.#buffers[this.#turn] = Buffer.allocUnsafeSlow(Math.max(size, Math.min(bytes_max, size * 2)))
    }
    const buffer = this.#buffers[this.#turn]!
    const read = readSync(cursor.handle, buffer, 0, size, cursor.at)
    return buffer.subarray(0, read)
  }

  #seek(position: bigint): void {
    const segments = listSegments(this.#folder)
    const base = segments.findLast((segment) => segment <= position)
    const { earliest, latest } = this.bounds()
    if (base === undefined || position > latest) {
      if (segments.length === 0 && position === 0n) return
      const message = `offset ${position} is wanted, but the topic holds ${earliest} to ${latest} (exclusive)`
      throw new MillraceError('ENG_KAFKA_OFFSETS_LOST', message, { ...this.#place, offset: position })
    }
    const start = this.#open(base)
    const place = walkBatches(start.handle, start, 'last', position)
    // The position may lie in the middle of a batch: reading starts with the batch, the scanner skips to the position.
    this.#cursor = { ...start, ...place }
  }

  #open(base: bigint): Cursor {
    if (this.#cursor !== undefined) closeSync(this.#cursor.handle)
    this.#cursor = undefined
    const handle = openSync(segmentFile(this.#folder, base), 'r')
    this.#cursor = { base, handle, at: 0, offset: base }
    return this.#cursor
  }

  close(): void {
    if (this.#cursor !== undefined) closeSync(this.#cursor.handle)
    if (this.#tail !== undefined) closeSync(this.#tail.handle)
    this.#cursor = undefined
    this.#tail = undefined
  }
}

/** Where the whole batches in `bytes` end, and the offset that follows them. */
const wholeBatches = (bytes: Buffer, from: bigint): Place => {
  let at = 0
  let offset = from
  while (at + BATCH.records <= bytes.length && bytes[at + BATCH.magic] === 2) {
    const end = at + BATCH.prefix + bytes.readInt32BE(at + BATCH.length)
    if (end > bytes.length || end <= at) break
    offset = bytes.readBigInt64BE(at + BATCH.baseOffset) + BigInt(bytes.readInt32BE(at + BATCH.lastOffsetDelta)) + 1n
    at = end
  }
  return { at, offset }
}
