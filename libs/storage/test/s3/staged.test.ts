import { describe, expect, it } from 'vitest'
import { isReservedName, storagePath } from '../../src/path.ts'
import { isMarkerPath, markerPath, parseHandle, parseMarker, printHandle, printMarker } from '../../src/s3/staged.ts'

const target = storagePath('books/date=2026-01-01/p-1.parquet')
const marker = markerPath(storagePath('_millrace/p/staging/1'), 'attempt', { target, uploadId: 'u/1+2=' })

describe('what is staged in S3', () => {
  it('has a marker in its staging directory, by a name that no listing shows', () => {
    expect(marker.startsWith('_millrace/p/staging/1/attempt/~')).toBe(true)
    expect(isMarkerPath(marker)).toBe(true)
    expect(isReservedName(marker.split('/').at(-1)!)).toBe(true)
  })

  it('has a marker of its own for every upload, however long the target', () => {
    const stagingDir = storagePath('s')
    const long = storagePath(Array.from({ length: 4 }, () => 'é'.repeat(120)).join('/'))
    const names = [
      markerPath(stagingDir, 'a', { target, uploadId: '1' }),
      markerPath(stagingDir, 'a', { target, uploadId: '2' }),
      markerPath(stagingDir, 'a', { target: long, uploadId: '1' }),
    ]
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(name.length).toBeLessThan(80)
  })

  it('reads back from its handle', () => {
    const upload = { marker, uploadId: 'u', part_bytes: 8, parts: [{ etag: 'e1', crc32: 'AAAAAA==' }] }
    expect(parseHandle({ handle: printHandle(upload), target, bytes: 3, sha256: 'x' })).toEqual(upload)
  })

  it('reads back from its marker; other bytes are none', () => {
    const record = { target, uploadId: 'u', bytes: 3, sha256: 'ab', part_bytes: 8 }
    expect(parseMarker(printMarker(record))).toEqual(record)
    for (const text of [
      '',
      '{}',
      'null',
      '[1]',
      '{"target":"../x","uploadId":"u","bytes":1,"sha256":"","part_bytes":1}',
    ]) {
      expect(parseMarker(new TextEncoder().encode(text))).toBeUndefined()
    }
  })
})
