import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lineAndColumn, renderDiagnostic } from '../../src/core/render-diagnostic.ts'
import { parseFile } from '../../src/sql/parse-file.ts'

/**
 * Files whose mistakes are in our own clauses. The first lines say what is wanted: `-- error: CODE at /*a*\/` for the
 * span between the two tags of that name, or `-- error: CODE at line:column`.
 */
const folder = join(import.meta.dirname, '../../../../sql/tests/errors')

const readWanted = (text: string): readonly { readonly code: string; readonly at: string }[] =>
  [...text.matchAll(/^-- error: (ENG_\w+) at (\S+)$/gm)].map(([, code, at]) => ({ code: code!, at: at! }))

/** `line:column` of what stands between the two tags, and the text itself; a `line:column` is itself. */
const placeOf = (text: string, at: string): string => {
  if (!at.startsWith('/*')) return at
  const body = text.lastIndexOf('-- error:')
  const first = text.indexOf(at, text.indexOf('\n', body))
  const start = first + at.length
  const { line, column } = lineAndColumn(text, start)
  return `${line}:${column} ${text.slice(start, text.indexOf(at, start))}`
}

const own = readdirSync(folder).filter((name) => name.endsWith('.sql'))

describe('mistakes in our own clauses', () => {
  it('has at least forty files', () => {
    expect(own.length).toBeGreaterThanOrEqual(40)
  })

  for (const name of own) {
    it(`${name}: says so at its place, and nothing else`, () => {
      const text = readFileSync(join(folder, name), 'utf8')
      const wanted = readWanted(text)
      const { diagnostics } = parseFile(text, { file: name, names: ['KAFKA', 'LAKE'] })
      const got = diagnostics.map(({ code, span }, index) => {
        const { line, column } = lineAndColumn(text, span!.start)
        const marked = wanted[index]?.at.startsWith('/*') ? ` ${text.slice(span!.start, span!.end)}` : ''
        return `${code} at ${line}:${column}${marked}`
      })
      expect(got).toEqual(wanted.map(({ code, at }) => `${code} at ${placeOf(text, at)}`))
      expect(wanted.length).toBeGreaterThan(0)
      for (const one of diagnostics) expect(renderDiagnostic(one, text, { color: false })).toContain('^')
    })
  }
})
