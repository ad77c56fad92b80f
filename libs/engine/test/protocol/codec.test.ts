import { describe, expect, it } from 'vitest'
import { encodeRecord, parseCommit, parseEpoch, parseInstance, parseOwner } from '../../src/protocol/codec.ts'
import type { CommitRecord } from '../../src/protocol/index.ts'

const sha = 'ab'.repeat(32)
const file = { staged: 's/1', target: 'lake/t/x.parquet', rows: 2, bytes: 10, sha256: sha, of: 't', partition: 'd=1' }
const record: CommitRecord = {
  format: 1,
  kind: 'batch',
  pipeline: 'p',
  version: 7,
  attempt: '3-00ff',
  epoch: 3,
  instance: '0123abcd',
  parentSha256: sha,
  fingerprint: 'f',
  start: { t: { 0: '9007199254740993', 11: '0' } },
  end: { t: { 0: '9223372036854775807', 11: '4' }, __proto__x: { 0: '1' } },
  topicIds: { t: 'id' },
  counts: {
    s: {
      messages: 5,
      rows: 6,
      written: 4,
      deadLetters: 1,
      dropped: 0,
      repeats: 1,
      warned: 0,
      byRule: { ENG_DATA_CAST: 1 },
    },
  },
  schemas: { t: { columns: [{ name: 'a', storedType: 'DECIMAL(10,2)' }], partitionBy: ['d'] } },
  files: [file],
  deadLetters: [{ ...file, of: 'dead_letters' }],
  state: [{ ...file, of: 'state', stream: 's', bucket_start_ms: -86_400_000, bucket_end_ms: 0, kind: 'delta' }],
  stateSnapshot: false,
  stateBase: 2,
  droppedBuckets: ['s:-172800000'],
  recordTimes_ms: { s: { 0: 1_700_000_000_000 } },
  gaps: [{ topic: 't', partition: 0, from: '9007199254740990', to: '9007199254740993' }],
  removes: ['lake/t/old.parquet'],
  batchTime: '2026-01-31T23:59:59.999Z',
  host: 'here',
}
const at = { path: 'commits/7', pipeline: 'p', version: 7 }
const parse = (value: object): CommitRecord => parseCommit(encodeRecord(value), at)

describe('a commit record', () => {
  it('reads back as it was written, with every digit of an offset', () => {
    expect(parse(record)).toEqual(record)
  })

  it('passes over fields that it does not know', () => {
    expect(parse({ ...record, later: { x: 1 } })).toEqual(record)
  })

  it('is refused at any length but its own: a torn record is never trusted', () => {
    const bytes = encodeRecord(record)
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseCommit(bytes.subarray(0, length), at)).toThrow(
        expect.objectContaining({ code: 'ENG_PROTOCOL_RECORD_INVALID' }),
      )
  })

  const wrong: readonly (readonly [string, object])[] = [
    ['another format', { ...record, format: 2 }],
    ['another pipeline', { ...record, pipeline: 'q' }],
    ['another version', { ...record, version: 8 }],
    ['an unknown kind', { ...record, kind: 'merge' }],
    ['no attempt', { ...record, attempt: undefined }],
    ['a number as offset', { ...record, end: { t: { 0: 5 } } }],
    ['a negative offset', { ...record, end: { t: { 0: '-5' } } }],
    ['a file without a sum', { ...record, files: [{ ...file, sha256: '' }] }],
    ['an absolute target', { ...record, files: [{ ...file, target: '/etc/passwd' }] }],
    ['a target that climbs', { ...record, files: [{ ...file, target: 'lake/../../x' }] }],
    ['half a row', { ...record, files: [{ ...file, rows: 0.5 }] }],
    ['files that are no list', { ...record, files: { 0: file } }],
    ['state of no kind', { ...record, state: [{ ...record.state[0], kind: 'x' }] }],
    ['a list', []],
  ]
  it.each(wrong)('is refused with %s', (_what, value) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'ENG_PROTOCOL_RECORD_INVALID' }))
  })

  it('is refused when it is not UTF-8', () => {
    expect(() => parseCommit(new Uint8Array([0x22, 0xff, 0x22, 0x0a]), at)).toThrow(/is not JSON/)
  })
})

describe('the small records', () => {
  it('say whose they are', () => {
    const instance = { format: 1, pipeline: 'p', instance: '0123abcd' } as const
    expect(parseInstance(encodeRecord(instance), { path: 'i', pipeline: 'p' })).toEqual(instance)
    expect(() => parseInstance(encodeRecord(instance), { path: 'i', pipeline: 'q' })).toThrow(/pipeline p, not q/)
    const owner = { ...instance, state: 'file:///a' }
    expect(parseOwner(encodeRecord(owner), { path: 'o', pipeline: 'p' })).toEqual(owner)
    const epoch = { format: 1, pipeline: 'p', epoch: 4, worker: 'w' } as const
    expect(parseEpoch(encodeRecord(epoch), { path: 'e', epoch: 4 })).toEqual(epoch)
    expect(() => parseEpoch(encodeRecord(epoch), { path: 'e', epoch: 5 })).toThrow(/epoch 4/)
  })
})
