import { describe, expect, it } from 'vitest'
import { ERRORS } from '../../../src/core/errors/index.ts'
import { errorsMarkdown } from '../../../src/core/errors/markdown.ts'

describe('errorsMarkdown', () => {
  it('has each code once, under its area', () => {
    const text = errorsMarkdown()
    const titles = [...text.matchAll(/^### (\w+)$/gm)].map(([, code]) => code!)
    expect([...titles].sort()).toEqual(Object.keys(ERRORS).sort())
    expect(text.indexOf('## SQL text')).toBeLessThan(text.indexOf('### ENG_SQL_SYNTAX'))
    expect(text.indexOf('## Everything else')).toBeLessThan(text.indexOf('### ENG_BUG'))
    expect(text.match(/^# /gm)?.length).toBe(1)
  })
})
