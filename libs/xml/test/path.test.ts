import { describe, expect, it } from 'vitest'
import { compileXml, parseXmlColumnPath, parseXmlNestedPath, parseXmlRowPath } from '../src/index.ts'

describe('XML paths', () => {
  it('reads row paths, absolute or anywhere', () => {
    expect(parseXmlRowPath('/library/x:book')).toEqual({
      kind: 'path',
      path: {
        anywhere: false,
        steps: [
          { name: 'library', qualified: false },
          { name: 'x:book', qualified: true },
        ],
      },
    })
    expect(parseXmlRowPath('//book')).toMatchObject({ path: { anywhere: true, steps: [{ name: 'book' }] } })
  })

  it.each(['', 'library', '/', '//', '/a//b', '//a/b', '/a/', '/1a', '/a b', '/a/*', '/a[1]', '/a:b:c'])(
    'refuses the row path %j with a message',
    (path) => expect(parseXmlRowPath(path)).toMatchObject({ kind: 'error', message: expect.any(String) }),
  )

  it('reads column paths with what they take', () => {
    const value = { kind: 'value' }
    expect(parseXmlColumnPath('author/name')).toMatchObject({ path: { steps: [{}, { name: 'name' }], take: value } })
    expect(parseXmlColumnPath('.')).toMatchObject({ path: { steps: [], take: value } })
    expect(parseXmlColumnPath('text()')).toMatchObject({ path: { steps: [], take: { kind: 'text' } } })
    expect(parseXmlColumnPath('./a/text()')).toMatchObject({ path: { steps: [{ name: 'a' }], take: { kind: 'text' } } })
    expect(parseXmlColumnPath('a/@xml:id')).toMatchObject({
      path: { steps: [{ name: 'a' }], take: { kind: 'attribute', name: { name: 'xml:id', qualified: true } } },
    })
  })

  it.each(['', '/a', 'a/', '@', '@a/b', 'a/@b/c', '..', 'a/../b', 'text()/a', 'a b', 'a['])(
    'refuses the column path %j with a message',
    (path) => expect(parseXmlColumnPath(path)).toMatchObject({ kind: 'error', message: expect.any(String) }),
  )

  it('refuses a nested path that is not relative', () => {
    expect(parseXmlNestedPath('lines/line')).toMatchObject({ kind: 'path' })
    expect(parseXmlNestedPath('/lines')).toMatchObject({ kind: 'error' })
  })

  it('says at compile time that a level 1 column needs a nested path', () => {
    const columns = [{ path: 'a', level: 1 as const }]
    expect(compileXml({ row: '/r', columns, trim: true, emptyAsNull: true })).toMatchObject({ kind: 'error' })
  })
})
