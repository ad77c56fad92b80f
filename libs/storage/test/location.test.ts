import { describe, expect, it } from 'vitest'
import { parseLocation, storeOf } from '../src/location.ts'

const CWD = '/home/ann/project'

const TAKEN: readonly (readonly [string, string, string])[] = [
  ['lake/raw/books', '/home/ann/project/lake/raw', 'books'],
  ['.millrace/lake/books/', '/home/ann/project/.millrace/lake', 'books'],
  ['/lake/books', '/lake', 'books'],
  ['/books', '/', 'books'],
  ['../lake/books', '/home/ann/lake', 'books'],
  ['file:///lake/books', '/lake', 'books'],
  ['file:/lake/books/', '/lake', 'books'],
  ['FILE:///lake/books', '/lake', 'books'],
  ['file://localhost/lake/books', '/lake', 'books'],
  ['file:///my%20lake/b%C3%BCcher', '/my lake', 'bücher'],
  ['my lake/100%', '/home/ann/project/my lake', '100%'],
]

const REFUSED: readonly (readonly [string, string])[] = [
  ['', 'is empty'],
  ['/', 'root of the file system'],
  ['file:///', 'root of the file system'],
  ['file://server/lake', 'not a file URL of this machine'],
  ['file:///lake/books?x=1', '"?" or "#"'],
  ['file:///lake/a%2Fb', 'not a file URL'],
  ['a\0b', 'NUL'],
  ['gs://bucket/books', 'unknown scheme gs://'],
  ['/lake/back\\slash', 'backslash'],
]

describe('a location', () => {
  it.each(TAKEN)('%s is a folder', (text, root, name) => {
    expect(parseLocation(text, CWD)).toMatchObject({ scheme: 'file', root, name })
  })

  it('has one canonical text, which reads back as itself', () => {
    const { uri } = parseLocation('my lake/100%/bücher', CWD)
    expect(uri).toBe('file:///home/ann/project/my%20lake/100%25/b%C3%BCcher')
    expect(parseLocation(uri, '/elsewhere')).toEqual(parseLocation('my lake/100%/bücher', CWD))
  })

  it.each(REFUSED)('%j is refused with the reason', (text, reason) => {
    expect(() => parseLocation(text, CWD)).toThrow(reason)
    expect(() => parseLocation(text, CWD)).toThrow(expect.objectContaining({ kind: 'invalid_path' }))
  })

  it.each([
    ['webhdfs://nn:9870/lake?user=ann/raw/books', 'webhdfs://nn:9870/lake/raw/books?user=ann'],
    [
      's3://bucket/lake?endpoint=http://127.0.0.1:9/raw/books',
      's3://bucket/lake/raw/books?endpoint=http://127.0.0.1:9',
    ],
  ])('%s may have its options in the middle', (text, uri) => {
    expect(parseLocation(text, CWD).uri).toBe(uri)
    expect(parseLocation(text, CWD)).toEqual(parseLocation(uri, CWD))
  })

  it('is of the same store as its neighbour, and of another than its namesake elsewhere', () => {
    const store = (text: string) => storeOf(parseLocation(text, CWD))
    expect(store('webhdfs://nn:9870/lake/a')).toBe(store('webhdfs://nn:9870/lake/b'))
    expect(store('webhdfs://nn:9870/lake/a')).not.toBe(store('webhdfs://other:9870/lake/a'))
    expect(store('webhdfs://nn:9870/lake/a?user=ann')).not.toBe(store('webhdfs://nn:9870/lake/a?user=bob'))
    expect(store('s3://one/lake/a')).not.toBe(store('s3://two/lake/a'))
  })
})
