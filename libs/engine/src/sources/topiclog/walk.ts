import { fstatSync, readSync } from 'node:fs'
import { crc32c } from '../record-batch/crc32c.ts'
import { BATCH } from '../record-batch/layout.ts'

/** A place between two batches of a segment file. */
export interface Place {
  /** Byte in the file. */
  readonly at: number
  /** Offset of the record that comes next. */
  readonly offset: bigint
}

const CHUNK_BYTES = 64 * 1024

/** Reads batch headers through one small window, so that many small batches cost few system calls. */
class HeaderWindow {
  readonly #handle: number
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #start = 0
  #end = 0

  constructor(handle: number) {
    this.#handle = handle
  }

  /** The header at a byte of the file, or undefined where the file ends in it. */
  at(position: number): Buffer | undefined {
    if (position < this.#start || position + BATCH.records > this.#end) {
      this.#start = position
      this.#end = position + readSync(this.#handle, this.#chunk, 0, CHUNK_BYTES, position)
    }
    if (position + BATCH.records > this.#end) return undefined
    return this.#chunk.subarray(position - this.#start, position - this.#start + BATCH.records)
  }
}

/**
 * Walks over whole batches from `from` on, until one that ends after `wanted` (exclusive: the batch that holds it is not
 * passed) or to the last whole batch. What follows is a torn tail, or is being written right now. `check` says of which
 * batches the CRC is verified: all (the writer, at open) or only the last (readers, every time).
 */
export const walkBatches = (
  handle: number,
  from: Place,
  check: 'all' | 'last',
  wanted: bigint | undefined = undefined,
): Place => {
  const size = fstatSync(handle).size
  const window = new HeaderWindow(handle)
  let before = from
  let place = from
  for (;;) {
    const next = step(window, place, size)
    if (next === undefined) break
    if (wanted !== undefined && next.offset > wanted) return place
    if (check === 'all' && !isSound(handle, place.at, next.at)) return place
    before = place
    place = next
  }
  if (check === 'last' && place.at > from.at && !isSound(handle, before.at, place.at)) return before
  return place
}

const step = (window: HeaderWindow, place: Place, size: number): Place | undefined => {
  const header = window.at(place.at)
  if (header === undefined || header[BATCH.magic] !== 2) return undefined
  const length = header.readInt32BE(BATCH.length)
  const end = place.at + BATCH.prefix + length
  if (length < BATCH.records - BATCH.prefix || end > size) return undefined
  const offset = header.readBigInt64BE(BATCH.baseOffset) + BigInt(header.readInt32BE(BATCH.lastOffsetDelta)) + 1n
  return offset <= place.offset ? undefined : { at: end, offset }
}

const isSound = (handle: number, start: number, end: number): boolean => {
  const batch = Buffer.allocUnsafe(end - start)
  if (readSync(handle, batch, 0, batch.length, start) !== batch.length) return false
  return batch.readUInt32BE(BATCH.crc) === crc32c(batch, BATCH.attributes, batch.length)
}
