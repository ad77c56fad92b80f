import { describe, expect, it } from 'vitest'
import { parseJsonPath } from '../../src/core/json-path.ts'

const key = (name: string) => ({ kind: 'key', key: name })

describe('parseJsonPath', () => {
  it('reads the same column path in each of its spellings', () => {
    for (const text of ['author.name', '$.author.name', "$['author']['name']", '$["author"].name', '$."author".name'])
      expect(parseJsonPath('column', text)).toEqual({ kind: 'path', steps: [key('author'), key('name')] })
    expect(parseJsonPath('column', '$')).toEqual({ kind: 'path', steps: [] })
    expect(parseJsonPath('column', 'odd key-1')).toEqual({ kind: 'path', steps: [key('odd key-1')] })
    expect(parseJsonPath('column', "$['it\\'s.a]']")).toEqual({ kind: 'path', steps: [key("it's.a]")] })
    expect(parseJsonPath('column', '$.tags[12]')).toEqual({
      kind: 'path',
      steps: [key('tags'), { kind: 'index', index: 12 }],
    })
  })

  it('reads row and nested paths that end in [*]', () => {
    expect(parseJsonPath('row', '$')).toMatchObject({ kind: 'path', steps: [] })
    expect(parseJsonPath('row', '$.a.b[*]')).toMatchObject({ steps: [key('a'), key('b'), { kind: 'each' }] })
    expect(parseJsonPath('nested', 'lines[*]')).toMatchObject({ steps: [key('lines'), { kind: 'each' }] })
  })

  it.each([
    ...(['', 'a', '.a', '$.', '$..a', '$.a[', '$.a[x]', '$.a[-1]', '$.a[*].b', '$a', '$.*', "$['a"] as const).map(
      (text) => ['row', text] as const,
    ),
    ...(['', '$.a[*]', 'a..b', 'a.', '$ .a', 'a b .c', 'a[1', '@'] as const).map((text) => ['column', text] as const),
    ...(['lines', '$.lines', ''] as const).map((text) => ['nested', text] as const),
  ])('refuses the %s path %j with a message', (role, text) => {
    expect(parseJsonPath(role, text)).toMatchObject({ kind: 'error', message: expect.stringContaining(text) })
  })
})
