import type { SpanTable } from '../span-table.ts'

/** A span table that grows geometrically and is used again for the next run of batches. */
export class RecordSpans implements SpanTable {
  bytes: Uint8Array = new Uint8Array(0)
  count = 0
  nextOffset = 0n
  offsets: BigInt64Array
  timestamps_ms: BigInt64Array
  valueStart: Int32Array
  valueLength: Int32Array
  keyStart: Int32Array
  keyLength: Int32Array
  headersStart: Int32Array
  headersLength: Int32Array
  /** The two 64-bit columns as halves: written with plain numbers, so that no BigInt is allocated per message. */
  offsetHalves: Int32Array
  timestampHalves: Int32Array
  /** Where decompressed records are put; kept from run to run. */
  scratch: Uint8Array = new Uint8Array(0)

  constructor(messages = 4_096) {
    this.offsets = new BigInt64Array(messages)
    this.timestamps_ms = new BigInt64Array(messages)
    this.valueStart = new Int32Array(messages)
    this.valueLength = new Int32Array(messages)
    this.keyStart = new Int32Array(messages)
    this.keyLength = new Int32Array(messages)
    this.headersStart = new Int32Array(messages)
    this.headersLength = new Int32Array(messages)
    this.offsetHalves = new Int32Array(this.offsets.buffer)
    this.timestampHalves = new Int32Array(this.timestamps_ms.buffer)
  }

  get capacity(): number {
    return this.valueStart.length
  }

  reserve(messages: number): void {
    if (messages <= this.capacity) return
    const size = Math.max(messages, this.capacity * 2)
    this.offsets = grow64(this.offsets, size)
    this.timestamps_ms = grow64(this.timestamps_ms, size)
    this.valueStart = grow32(this.valueStart, size)
    this.valueLength = grow32(this.valueLength, size)
    this.keyStart = grow32(this.keyStart, size)
    this.keyLength = grow32(this.keyLength, size)
    this.headersStart = grow32(this.headersStart, size)
    this.headersLength = grow32(this.headersLength, size)
    this.offsetHalves = new Int32Array(this.offsets.buffer)
    this.timestampHalves = new Int32Array(this.timestamps_ms.buffer)
  }
}

const grow32 = (old: Int32Array, size: number): Int32Array => {
  const grown = new Int32Array(size)
  grown.set(old)
  return grown
}

const grow64 = (old: BigInt64Array, size: number): BigInt64Array => {
  const grown = new BigInt64Array(size)
  grown.set(old)
  return grown
}
