import { describe, expect, it } from 'vitest'
import { comparePaths, isReservedName, joinPath, PATH_BYTES_MAX, storagePath } from '../src/path.ts'
import { StorageError } from '../src/port.ts'

const REFUSED: readonly (readonly [string, string])[] = [
  ['an empty text', ''],
  ['an absolute path', '/a'],
  ['a parent segment', 'a/../b'],
  ['a leading parent segment', '../a'],
  ['a dot segment', 'a/./b'],
  ['an empty segment', 'a//b'],
  ['a trailing slash', 'a/'],
  ['a backslash', 'a\\b'],
  ['a NUL', 'a\0b'],
  ['half of a surrogate pair', 'a\ud83d'],
  ['a segment of 256 bytes', 'é'.repeat(128)],
  ['more than 1,024 bytes', `${'abcdefg/'.repeat(PATH_BYTES_MAX / 8)}h`],
  ['the name of a temporary file', 'a/.millrace-0123456789abcdef.tmp'],
  ['the name of a staged file', `a/x~${'0'.repeat(64)}.staged`],
]

describe('a storage path', () => {
  it.each(REFUSED)('refuses %s', (_, text) => {
    expect(() => storagePath(text)).toThrow(StorageError)
    try {
      storagePath(text)
    } catch (error) {
      expect(error).toMatchObject({ kind: 'invalid_path', path: text })
    }
  })

  it.each(['a', 'a/b', '..a/b..', '...', 'a b/%2e%2e', 'é/日本/😀', '~a', 'x=1/y=', 'é'.repeat(127), 'a/b.staged'])(
    'keeps %s as it is',
    (text) => {
      expect(storagePath(text)).toBe(text)
    },
  )

  it('takes exactly the limit', () => {
    const text = `${'abcdefg/'.repeat(PATH_BYTES_MAX / 8 - 1)}abcdefgh`
    expect(text.length).toBe(PATH_BYTES_MAX)
    expect(storagePath(text)).toBe(text)
  })

  it('is joined from parts and validated as a whole', () => {
    expect(joinPath('a/b', 'c')).toBe('a/b/c')
    expect(() => joinPath('a', '')).toThrow(StorageError)
    expect(() => joinPath('a', '..', 'b')).toThrow(StorageError)
  })

  it('reserves no name of a person', () => {
    for (const name of ['.millrace.tmp', 'x.staged', '.millrace-0123.tmp', 'part.tmp'])
      expect(isReservedName(name)).toBe(false)
  })
})

describe('the order of paths', () => {
  it('is the order of their UTF-8 bytes', () => {
    const words = [
      '',
      'a',
      'a-b',
      'a/b',
      'ab',
      'b',
      'z',
      'é',
      '\ud7ff',
      '\ue000',
      '\uffee',
      '😀',
      '😁',
      'a😀',
      'a\uffff',
    ]
    const byBytes = [...words].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    expect([...words].reverse().sort(comparePaths)).toEqual(byBytes)
  })
})
