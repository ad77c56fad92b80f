import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/core/errors/index.ts'
import {
  AbortFilter,
  crc32c,
  encodeRecordBatch,
  offsetAfter,
  RecordSpans,
  scanRecordBatches,
} from '../../../src/sources/record-batch/index.ts'
import { BATCH } from '../../../src/sources/record-batch/layout.ts'
import { message, messagesOf } from './messages.ts'

const seed = Number(process.env['SEED'] ?? 20_261_121)
const now_ms = 1_700_000_000_000
const batch = (baseOffset: bigint, values: readonly (string | null)[], compression: 'none' | 'gzip' = 'none') =>
  encodeRecordBatch(
    values.map((value) => message(value)),
    { baseOffset, now_ms, compression },
  )

const scan = (bytes: Uint8Array, position = 0n, options = {}) => {
  const table = new RecordSpans(1)
  const end = scanRecordBatches(bytes, position, table, options)
  return { table, end, values: messagesOf(table).map(({ value }) => value) }
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof MillraceError) return error.code
    throw error
  }
  return 'none'
}

/** Changes a sealed batch and seals it again. */
const resealed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  copy.writeUInt32BE(crc32c(copy, BATCH.attributes, copy.length), BATCH.crc)
  return copy
}

describe('scanRecordBatches', () => {
  it('reads back what was encoded, compressed or not', () => {
    const optional = fc.option(fc.string({ unit: 'binary', maxLength: 100 }), { nil: null })
    const header = fc.record({ key: fc.string({ maxLength: 20 }), value: fc.constant(Buffer.from('v')) })
    const one = fc.record({
      key: optional,
      value: optional,
      timestamp_ms: fc.integer({ min: 0, max: 4_102_444_800_000 }),
      headers: fc.array(header, { maxLength: 3 }),
    })
    const run = fc.property(
      fc.array(one, { minLength: 1, maxLength: 12 }),
      fc.bigInt({ min: 0n, max: 2n ** 52n }),
      fc.constantFrom('none' as const, 'gzip' as const),
      (messages, baseOffset, compression) => {
        const encoded = messages.map(({ key, value, ...rest }) => ({
          ...rest,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
        }))
        const { table } = scan(encodeRecordBatch(encoded, { baseOffset, now_ms, compression }), baseOffset)
        expect(messagesOf(table)).toEqual(
          encoded.map(({ key, value, timestamp_ms, headers }, i) => ({
            offset: baseOffset + BigInt(i),
            timestamp_ms,
            key: key?.toString() ?? null,
            value: value?.toString() ?? null,
            headerCount: headers.length,
          })),
        )
        expect(table.nextOffset).toBe(baseOffset + BigInt(messages.length))
      },
    )
    console.log(`SEED=${seed} npx vitest run --project engine test/sources/record-batch/scan.test.ts`)
    fc.assert(run, { seed, numRuns: 100 })
  })

  it('skips records below the position and accepts gaps between batches', () => {
    const bytes = Buffer.concat([batch(0n, ['a', 'b']), batch(10n, ['c', 'd', 'e']), batch(100n, ['f'])])
    expect(scan(bytes, 11n).values).toEqual(['d', 'e', 'f'])
    expect(scan(bytes, 5n).values).toEqual(['c', 'd', 'e', 'f'])
    expect(scan(bytes, 11n).table.nextOffset).toBe(101n)
    expect(offsetAfter(bytes)).toBe(101n)
  })

  it('puts plain and compressed batches of one run into one buffer', () => {
    const bytes = Buffer.concat([
      batch(0n, ['a']),
      batch(1n, ['b', 'c'], 'gzip'),
      batch(3n, ['d']),
      batch(4n, ['e'], 'gzip'),
    ])
    expect(scan(bytes).values).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('ignores a last batch that is cut short, wherever it is cut', () => {
    const whole = batch(0n, ['a', 'b'])
    const bytes = Buffer.concat([whole, batch(2n, ['c', 'd'])])
    for (let cut = whole.length; cut < bytes.length; cut++) {
      const { values, table, end } = scan(bytes.subarray(0, cut))
      expect(values).toEqual(['a', 'b'])
      expect(table.nextOffset).toBe(2n)
      expect(end).toEqual({ consumed: whole.length, more: false })
    }
  })

  it('notices every flipped bit that the checksum covers', () => {
    const bytes = batch(0n, ['some value', 'another'])
    for (let at = BATCH.crc; at < bytes.length; at++) {
      const broken = Buffer.from(bytes)
      broken[at]! ^= 1 << (at % 8)
      expect(codeOf(() => scan(broken))).toBe('ENG_KAFKA_CRC')
    }
  })

  it('refuses batches whose offsets run backwards', () => {
    const backwards = Buffer.concat([batch(5n, ['a', 'b']), batch(6n, ['c'])])
    expect(codeOf(() => scan(backwards))).toBe('ENG_KAFKA_RECORD_FORMAT')
  })

  it('skips control batches but moves past them', () => {
    const control = resealed(batch(1n, ['marker']), (bytes) => bytes.writeInt16BE(0x30, BATCH.attributes))
    const { values, table } = scan(Buffer.concat([batch(0n, ['a']), control]))
    expect(values).toEqual(['a'])
    expect(table.nextOffset).toBe(2n)
  })

  it('leaves out what an aborted transaction wrote, and nothing else', () => {
    const transactional = (producer: bigint, bytes: Buffer) =>
      resealed(bytes, (copy) => {
        copy.writeInt16BE(0x10, BATCH.attributes)
        copy.writeBigInt64BE(producer, BATCH.producerId)
      })
    const marker = (producer: bigint, offset: bigint, type: number) => {
      const key = Buffer.from([0, 0, 0, type])
      const bytes = encodeRecordBatch([{ ...message('x'), key }], { baseOffset: offset, now_ms })
      return resealed(bytes, (copy) => {
        copy.writeInt16BE(0x30, BATCH.attributes)
        copy.writeBigInt64BE(producer, BATCH.producerId)
      })
    }
    const bytes = Buffer.concat([
      transactional(7n, batch(0n, ['aborted'])),
      transactional(8n, batch(1n, ['committed'])),
      batch(2n, ['plain']),
      marker(7n, 3n, 0),
      marker(8n, 4n, 1),
      transactional(7n, batch(5n, ['later'])),
      marker(7n, 6n, 1),
    ])
    const aborts = new AbortFilter([{ producerId: 7n, firstOffset: 0n }])
    expect(scan(bytes, 0n, { aborts }).values).toEqual(['committed', 'plain', 'later'])
  })

  it('takes the append time of the log where the topic says so', () => {
    const bytes = resealed(batch(0n, ['a', 'b']), (copy) => {
      copy.writeInt16BE(0x08, BATCH.attributes)
      copy.writeBigInt64BE(123_456n, BATCH.maxTimestamp)
    })
    expect(messagesOf(scan(bytes).table).map(({ timestamp_ms }) => timestamp_ms)).toEqual([123_456, 123_456])
  })

  it('names the codec that it does not have, and an old format', () => {
    const zstd = resealed(batch(0n, ['a']), (copy) => copy.writeInt16BE(4, BATCH.attributes))
    expect(() => scan(zstd)).toThrow(/zstd/)
    expect(codeOf(() => scan(zstd))).toBe('ENG_KAFKA_CODEC')
    const old = resealed(batch(0n, ['a']), (copy) => (copy[BATCH.magic] = 1))
    expect(codeOf(() => scan(old))).toBe('ENG_KAFKA_RECORD_FORMAT')
  })

  it('refuses a bomb, and lengths that lie, without running out of memory', () => {
    const bomb = encodeRecordBatch([message('x'.repeat(4_000_000))], { baseOffset: 0n, now_ms, compression: 'gzip' })
    expect(codeOf(() => scan(bomb, 0n, { decompressedBytesMax: 1_000_000 }))).toBe('ENG_KAFKA_DECOMPRESSED_LIMIT')
    const many = resealed(batch(0n, ['a']), (copy) => copy.writeInt32BE(0x7fff_ffff, BATCH.count))
    expect(codeOf(() => scan(many))).toBe('ENG_KAFKA_RECORD_FORMAT')
    const long = resealed(batch(0n, ['abc']), (copy) => (copy[BATCH.records] = 0x7e))
    expect(codeOf(() => scan(long))).toBe('ENG_KAFKA_RECORD_FORMAT')
    const garbage = resealed(batch(0n, ['a'], 'gzip'), (copy) => copy.fill(7, BATCH.records))
    expect(codeOf(() => scan(garbage))).toBe('ENG_KAFKA_RECORD_FORMAT')
  })

  it('pauses after much decompression and goes on where it stopped', () => {
    const large = 'y'.repeat(9_000_000)
    const bytes = Buffer.concat([0n, 1n, 2n].map((offset) => batch(offset, [large], 'gzip')))
    const first = scan(bytes)
    expect(first.end.more).toBe(true)
    expect(first.table.nextOffset).toBe(2n)
    const rest = scan(bytes.subarray(first.end.consumed), first.table.nextOffset)
    expect(rest.end.more).toBe(false)
    expect(rest.table.nextOffset).toBe(3n)
  })

  it('never crashes on noise: what it throws has a code', () => {
    const run = fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (noise, at) => {
      const bytes = Buffer.concat([batch(0n, ['abc', 'def']), batch(2n, ['ghi'], 'gzip')])
      bytes.set(noise.subarray(0, bytes.length - at), at)
      const fixed = bytes.length > 61 ? resealed(bytes, () => undefined) : bytes
      codeOf(() => scan(fixed))
    })
    fc.assert(run, { seed, numRuns: 500 })
  })

  it('reads what gzip of another writer gives', () => {
    const plain = batch(0n, ['a', 'b'])
    const block = gzipSync(plain.subarray(BATCH.records), { level: 1 })
    const bytes = Buffer.concat([plain.subarray(0, BATCH.records), block])
    const sealed = resealed(bytes, (copy) => {
      copy.writeInt16BE(1, BATCH.attributes)
      copy.writeInt32BE(copy.length - BATCH.prefix, BATCH.length)
    })
    expect(scan(sealed).values).toEqual(['a', 'b'])
  })
})
