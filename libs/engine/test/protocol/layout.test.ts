import type { StoragePath } from '@millrace/storage'
import { describe, expect, it } from 'vitest'
import {
  commitPath,
  dataFileOwner,
  dataFilePath,
  deadLetterPath,
  pipelineRoot,
  stateFilePath,
  stateRootOf,
  versionOfCommitPath,
  versionOfTarget,
} from '../../src/protocol/layout.ts'
import { encodeName } from '../../src/protocol/names.ts'

const nasty = [
  'books',
  'Books',
  '_hidden',
  '.hidden',
  '..',
  '.',
  '',
  'a/b',
  'a\\b',
  'a%2Fb',
  'a b',
  'a\nb',
  'a\0b',
  'büch',
  'bu\u0308ch',
  '📚',
  'a-0123abcd-1-0.parquet',
  'x'.repeat(101),
  'x'.repeat(100),
  `${'x'.repeat(200)}a`,
  `${'x'.repeat(200)}b`,
  '本'.repeat(50),
]

describe('encodeName', () => {
  it('gives different names different segments that are safe everywhere', () => {
    const encoded = nasty.map(encodeName)
    expect(new Set(encoded).size).toBe(nasty.length)
    for (const name of encoded) {
      expect(name).toMatch(/^[A-Za-z0-9%-][A-Za-z0-9_.%~-]*$/)
      expect(name.length).toBeLessThanOrEqual(100)
    }
  })
})

describe('the layout', () => {
  const table = 'lake/books' as StoragePath
  const root = stateRootOf(table, 'books')
  it('keeps the state beside the table, outside of what its readers see', () => {
    expect(root).toBe('lake/_millrace/books')
    expect(stateRootOf('books' as StoragePath, 'books')).toBe('_millrace/books')
    expect(pipelineRoot('', 'b/c')).toBe('_millrace/b%2Fc')
  })

  it('sorts commits by version', () => {
    const paths = [1, 2, 9, 10, 99, 100, 2 ** 53 - 1].map((version) => commitPath(root, version))
    expect([...paths].sort()).toEqual(paths)
    expect(paths.map(versionOfCommitPath)).toEqual([1, 2, 9, 10, 99, 100, 2 ** 53 - 1])
  })

  it('tells from any file whose it is and which version wrote it', () => {
    for (const pipeline of nasty) {
      const path = dataFilePath(table, 'y=1/m=2', { pipeline, instance: '0123abcd', version: 42, n: 7 })
      expect(path.startsWith('lake/books/y=1/m=2/')).toBe(true)
      expect(dataFileOwner(path, pipeline)).toEqual({ instance: '0123abcd', version: 42 })
      expect(versionOfTarget(path)).toBe(42)
      for (const other of nasty) if (other !== pipeline) expect(dataFileOwner(path, other)).toBeUndefined()
    }
    expect(versionOfTarget(deadLetterPath(root, 5, 0))).toBe(5)
    const state = { stream: 'a/b', bucket_start_ms: -5, kind: 'delta' }
    expect(versionOfTarget(stateFilePath(root, state, 6))).toBe(6)
    expect(versionOfTarget('lake/books/part-0.parquet' as StoragePath)).toBeUndefined()
    expect(dataFileOwner('lake/books/part-0.parquet' as StoragePath, 'part')).toBeUndefined()
  })
})
