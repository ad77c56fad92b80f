import { describe, expect, it } from 'vitest'
import { parseFormat, type ResultSet, renderRows } from '../../src/output/rows.ts'

const result: ResultSet = {
  columns: [
    { name: 'id', type: 'BIGINT' },
    { name: 'title', type: 'VARCHAR' },
  ],
  rows: [
    [9_007_199_254_740_993n, 'a "b", c'],
    [2, null],
    [3, '日本|\x1b[31m\nred'],
  ],
}

describe('renderRows', () => {
  it('json is one object per line and keeps every digit', () => {
    const lines = renderRows(result, 'json').split('\n')
    expect(lines[0]).toBe('{"id":9007199254740993,"title":"a \\"b\\", c"}')
    expect(JSON.parse(lines[1]!)).toEqual({ id: 2, title: null })
    expect(lines).toHaveLength(3)
  })

  it('csv quotes what has to be quoted', () => {
    expect(renderRows(result, 'csv').split('\n').slice(0, 3)).toEqual([
      'id,title',
      '9007199254740993,"a ""b"", c"',
      '2,',
    ])
  })

  it('markdown keeps its columns whatever the data holds', () => {
    for (const line of renderRows(result, 'markdown').split('\n')) {
      expect(line.replaceAll('\\|', '').split('|')).toHaveLength(4)
    }
  })

  it('a table is aligned, says types and count, and lets no control character through', () => {
    const text = renderRows(result, 'table')
    expect(text).toContain('bigint')
    expect(text).toContain('3 rows')
    expect(text).not.toContain('\x1b')
    expect(text).toContain('│                2 │ NULL')
  })

  it('refuses an unknown format', () => expect(() => parseFormat('yaml')).toThrow(/yaml/))
})
