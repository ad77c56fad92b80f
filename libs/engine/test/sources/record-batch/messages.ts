import type { ProduceMessage } from '../../../src/sources/produce/message.ts'
import type { RecordSpans } from '../../../src/sources/record-batch/index.ts'

export const message = (value: string | null, more: Partial<ProduceMessage> = {}): ProduceMessage => ({
  key: null,
  value: value === null ? null : Buffer.from(value),
  timestamp_ms: 1_700_000_000_000,
  ...more,
})

const slice = (bytes: Uint8Array, start: number, length: number): string | null =>
  length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString()

/** The table's messages as plain values, for comparison. */
export const messagesOf = (table: RecordSpans) =>
  Array.from({ length: table.count }, (_, i) => ({
    offset: table.offsets[i]!,
    timestamp_ms: Number(table.timestamps_ms[i]!),
    key: slice(table.bytes, table.keyStart[i]!, table.keyLength[i]!),
    value: slice(table.bytes, table.valueStart[i]!, table.valueLength[i]!),
    headerCount: table.bytes[table.headersStart[i]!]! >>> 1,
  }))
