import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../src/core/diagnostics.ts'
import { lineAndColumn, renderDiagnostic } from '../../src/core/render-diagnostic.ts'

const at = (source: string, word: string, more: Partial<Diagnostic> = {}): Diagnostic => {
  const start = source.indexOf(word)
  const span = { file: 'a.sql', start, end: start + word.length }
  return { severity: 'error', code: 'ENG_SQL_SYNTAX', message: 'No.', span, ...more }
}
const render = (source: string, word: string, more: Partial<Diagnostic> = {}, columns_max = 120): readonly string[] =>
  renderDiagnostic(at(source, word, more), source, { color: false, columns_max }).split('\n')

describe('renderDiagnostic', () => {
  it('shows code, sentence, place, source line, carets, notes and hint', () => {
    const source = 'SELECT 1;\nCREAT STREAM s;\n'
    const notes = [{ message: 'Here too.', span: { file: 'a.sql', start: 7, end: 8 } }, { message: 'Plain.' }]
    const shown = render(source, 'CREAT', { notes, hint: 'Did you mean CREATE?' })
    expect(shown.join('\n')).toBe(
      [
        'error[ENG_SQL_SYNTAX] No.',
        '  --> a.sql:2:1',
        '  2 | CREAT STREAM s;',
        '    | ^^^^^',
        '  note: Here too.',
        '  --> a.sql:1:8',
        '  1 | SELECT 1;',
        '    |        ^',
        '  note: Plain.',
        '  hint: Did you mean CREATE?',
      ].join('\n'),
    )
  })

  it('gives the hint of the code where the diagnostic brings none', () => {
    expect(render('x', 'x', { code: 'ENG_SQL_INTERVAL' }).at(-1)).toContain("hint: Write INTERVAL '5 minutes'")
  })

  /** Source, word, and what stands above the carets. */
  const LINES: readonly (readonly [string, string, string, string])[] = [
    ['tabs', '\ta\tbad', 'bad', 'bad'],
    ['CRLF', 'a\r\nb bad\r\nc', 'bad', 'bad'],
    ['lone CR', 'a\rb bad\rc', 'bad', 'bad'],
    ['combining marks', 'e\u0301e\u0301 bad', 'bad', 'bad'],
    ['the end of the text', 'a b', '', ''],
  ]
  for (const [what, source, word, above] of LINES) {
    it(`puts the carets under the word: ${what}`, () => {
      const [, , line, carets] = render(source, word)
      const from = carets!.indexOf('^')
      const cells = [...line!.replace(/\p{Mn}/gu, '')].join('')
      if (above !== '') expect(cells.slice(from, from + above.length)).toBe(above)
      expect(carets!.trimEnd().length - from).toBe(Math.max(above.length, 1))
    })
  }

  it('counts two cells for a wide character', () => {
    const [, place, , carets] = render('日本 bad', 'bad')
    expect(carets!.indexOf('^')).toBe('    | '.length + 5)
    expect(place).toBe('  --> a.sql:1:4')
  })

  it('cuts a long line around the caret, within the width', () => {
    const source = `${'a '.repeat(500)}bad ${'b '.repeat(500)}`
    const [, , line, carets] = render(source, 'bad', {}, 60)
    expect(line!.length).toBeLessThanOrEqual(60)
    expect(line!.slice(carets!.indexOf('^'), carets!.lastIndexOf('^') + 1)).toBe('bad')
    expect(line!.startsWith('  1 | …') && line!.endsWith('…')).toBe(true)
  })

  it('cuts a marked text that is longer than the width', () => {
    const source = `x ${'b'.repeat(500)}`
    const shown = render(source, 'b'.repeat(500), {}, 60)
    for (const line of shown.slice(1)) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('lets no control character reach the terminal', () => {
    const source = 'a \u001b[2J\u202e\u0000 bad'
    const shown = render(source, 'bad', { message: 'x\u001b[31m' }).join('\n')
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('marks only the first line of a span that goes on', () => {
    const [, , , carets] = render('ab\ncd', 'ab\ncd')
    expect(carets).toBe('    | ^^')
  })

  it('colours only where asked', () => {
    const plain = renderDiagnostic(at('x', 'x'), 'x', { color: false })
    const coloured = renderDiagnostic(at('x', 'x'), 'x', { color: true })
    expect(coloured).toContain('\u001b[')
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(plain)
  })

  it('needs no span', () => {
    const shown = renderDiagnostic({ severity: 'warning', code: 'ENG_SQL_SYNTAX', message: 'Hm.' }, '', {
      color: false,
    })
    expect(shown).toBe('warning[ENG_SQL_SYNTAX] Hm.')
  })
})

describe('lineAndColumn', () => {
  it('counts from 1, in characters', () => {
    expect(lineAndColumn('😀b\nc', 2)).toEqual({ line: 1, column: 2 })
    expect(lineAndColumn('a\r\nb', 3)).toEqual({ line: 2, column: 1 })
    expect(lineAndColumn('a\n', 99)).toEqual({ line: 2, column: 1 })
  })
})
