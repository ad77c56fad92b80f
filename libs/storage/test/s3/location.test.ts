import { describe, expect, it } from 'vitest'
import { openStorage, parseLocation } from '../../src/index.ts'

const parse = (text: string) => parseLocation(text, '/nowhere')

const TAKEN: readonly (readonly [string, object])[] = [
  ['s3://lake/books', { bucket: 'lake', prefix: '', name: 'books' }],
  ['s3://lake/raw/books', { bucket: 'lake', prefix: 'raw', name: 'books' }],
  ['s3a://lake/a/b/books/', { bucket: 'lake', prefix: 'a/b', name: 'books' }],
  ['S3://lake/raw/books', { bucket: 'lake', prefix: 'raw', name: 'books' }],
  ['s3://my.lake-1/100%25/b%C3%BCcher', { bucket: 'my.lake-1', prefix: '100%', name: 'bücher' }],
  ['s3://lake/bücher und mehr', { bucket: 'lake', prefix: '', name: 'bücher und mehr' }],
  [
    's3://lake/raw/books?endpoint=http://127.0.0.1:9000&region=eu-central-1&path_style=true',
    { endpoint: 'http://127.0.0.1:9000', region: 'eu-central-1', pathStyle: true },
  ],
  ['s3://lake/books?endpoint=https%3A%2F%2Fs3.example.org%2F', { endpoint: 'https://s3.example.org' }],
  ['s3://lake/books?path_style=false', { pathStyle: false }],
  [
    's3://lake?endpoint=http://127.0.0.1:9000/raw/books',
    { prefix: 'raw', name: 'books', endpoint: 'http://127.0.0.1:9000' },
  ],
  ['s3://lake/x/?endpoint=http://h&path_style=true/raw/books/', { prefix: 'x/raw', name: 'books', pathStyle: true }],
]

const REFUSED: readonly (readonly [string, string])[] = [
  ['s3://', 'has no bucket'],
  ['s3://lake', 'is a whole bucket'],
  ['s3://lake/', 'is a whole bucket'],
  ['s3://lake//books', 'empty segment'],
  ['s3://lake/../books', '".."'],
  ['s3://lake/a%2Fb', 'within a name'],
  ['s3://lake/100%', 'percent-encoding'],
  ['s3://lake/books#x', 'has no bucket'],
  ['s3://lake/books?colour=red', 'unknown option "colour"'],
  ['s3://lake/books?region=a&region=b', 'twice'],
  ['s3://lake/books?path_style=yes', 'neither true nor false'],
  ['s3://lake/books?endpoint=minio:9000', 'no URL'],
  ['s3://lake/books?endpoint=http%3A%2F%2Fminio:9000%2Fpath', 'with a path'],
  ['s3://lake/books?endpoint=ftp://minio/x', 'no URL'],
]

describe('an S3 location', () => {
  it.each(TAKEN)('%s is taken', (text, parts) => {
    expect(parse(text)).toMatchObject({ scheme: 's3', ...parts })
  })

  it('has one canonical text, which reads back as itself', () => {
    for (const [text] of TAKEN) expect(parse(parse(text).uri)).toEqual(parse(text))
  })

  it('names one adapter for all tables beside each other, and another for another endpoint', () => {
    const root = (text: string) => parse(text).root
    expect(root('s3a://lake/raw/authors')).toBe(root('s3://lake/raw/books/'))
    expect(root('s3://lake/raw/books?endpoint=http://a')).not.toBe(root('s3://lake/raw/books'))
    expect(root('s3://lake/raw/x/books')).not.toBe(root('s3://lake/raw/books'))
  })

  it.each(REFUSED)('%s is refused with the reason', (text, reason) => {
    expect(() => parse(text)).toThrow(reason)
    expect(() => parse(text)).toThrow(expect.objectContaining({ kind: 'invalid_path' }))
  })

  it.each(['s3://key:hush@lake/books', 's3://lake/b?secret=hush', 's3://lake/b?endpoint=http://u:hush@host'])(
    'credentials in a URL are refused and not repeated',
    (text) => {
      const refusal = (): unknown => {
        try {
          return parse(text)
        } catch (error) {
          return [String(error), (error as { path: string }).path]
        }
      }
      expect(refusal()).toEqual([expect.stringContaining('StorageError'), expect.not.stringContaining('hush')])
      expect(String(refusal())).not.toContain('hush')
    },
  )

  it('opens an adapter that says where it is, and sends nothing', () => {
    const storage = openStorage(parse('s3://lake/raw/books?endpoint=http://127.0.0.1:1'))
    expect(storage).toMatchObject({ scheme: 's3', location: 's3://lake/raw' })
    return storage.close()
  })
})
