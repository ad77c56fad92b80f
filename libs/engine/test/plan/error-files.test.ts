import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compileText } from './compile-file.ts'

const tests = join(dirname(fileURLToPath(import.meta.url)), '../../../../sql/tests')
const folder = join(tests, 'bind-errors')

/** Where the text between the two marks stands, after the first line that names them. */
const markedSpan = (text: string, mark: string): { readonly start: number; readonly end: number } => {
  const start = text.indexOf(mark, text.indexOf('\n')) + mark.length
  return { start, end: text.indexOf(mark, start) }
}

describe('every file of sql/tests/bind-errors', () => {
  for (const name of readdirSync(folder)) {
    it(`${name} is refused with its code at its place`, async () => {
      const text = readFileSync(join(folder, name), 'utf8')
      const expected = /^-- error: (\w+) at (\/\*\w+\*\/)/.exec(text)
      expect(expected, 'the first line names a code and a mark').not.toBeNull()
      const { program, diagnostics } = await compileText(text, join(folder, name), tests)
      expect(program).toBeUndefined()
      const found = diagnostics.map(({ code, span }) => ({ code, start: span?.start, end: span?.end }))
      expect(found).toContainEqual({ code: expected![1], ...markedSpan(text, expected![2]!) })
    })
  }
})
