import type { Diagnostic, Span } from './diagnostics.ts'
import { ERRORS } from './errors/index.ts'
import type { ErrorSpec } from './errors/registry.ts'

export interface RenderOptions {
  readonly color: boolean
  /** Width of the terminal, in columns; longer source lines are cut around the caret. */
  readonly columns_max?: number
}

/**
 * A diagnostic as people read it: code and sentence, `file:line:column`, the source line with carets under the span,
 * notes and one hint. `source` is the text that the span points into (`FileNode.text`). Ends without a line break.
 */
export const renderDiagnostic = (diagnostic: Diagnostic, source: string, options: RenderOptions): string => {
  const { severity, code, message, span } = diagnostic
  const spec: ErrorSpec = ERRORS[code]
  const paint = painter(options.color)
  const columns_max = Math.max(options.columns_max ?? 120, 40)
  const hint = diagnostic.hint ?? spec.hint
  return [
    `${paint(severity === 'error' ? 'red' : 'yellow', `${severity}[${code}]`)} ${paint('bold', safe(message))}`,
    ...(span === undefined ? [] : excerpt(span, source, columns_max, paint)),
    ...(diagnostic.notes ?? []).flatMap((note) => [
      `  ${paint('blue', 'note:')} ${safe(note.message)}`,
      ...(note.span === undefined ? [] : excerpt(note.span, source, columns_max, paint)),
    ]),
    ...(hint === undefined ? [] : [`  ${paint('blue', 'hint:')} ${safe(hint)}`]),
  ].join('\n')
}

/** Line and column (both from 1, in characters as people count them) of a position in the text. */
export const lineAndColumn = (source: string, position: number): { readonly line: number; readonly column: number } => {
  const { line, start } = lineAt(source, position)
  return { line, column: [...source.slice(start, Math.min(position, source.length))].length + 1 }
}

const lineAt = (
  source: string,
  position: number,
): { readonly line: number; readonly start: number; readonly end: number } => {
  const at = Math.min(Math.max(position, 0), source.length)
  let line = 1
  let start = 0
  const breaks = /\r\n|\r|\n/g
  for (let match = breaks.exec(source); match !== null; match = breaks.exec(source)) {
    if (breaks.lastIndex > at) return { line, start, end: match.index }
    line += 1
    start = breaks.lastIndex
  }
  return { line, start, end: source.length }
}

const excerpt = (span: Span, source: string, columns_max: number, paint: Painter): readonly string[] => {
  const { line, start, end } = lineAt(source, span.start)
  const { column } = lineAndColumn(source, span.start)
  const before = cells(source.slice(start, Math.min(span.start, end)), 0)
  const marked = cells(
    source.slice(Math.min(span.start, end), Math.min(Math.max(span.end, span.start), end)),
    before.length,
  )
  const after = cells(source.slice(Math.min(Math.max(span.end, span.start), end), end), before.length + marked.length)
  const shown = [...before, ...marked, ...after]
  const carets = Math.max(marked.length, 1)
  const gutter = String(line)
  const room = columns_max - gutter.length - 5
  const [from, to] = window(shown.length, before.length, carets, room)
  const left = from > 0 ? '…' : ''
  const right = to < shown.length ? '…' : ''
  const caretFrom = before.length - from + left.length
  const caretCount = Math.max(1, Math.min(carets, to - before.length))
  const blank = ' '.repeat(gutter.length)
  return [
    `  ${paint('blue', '-->')} ${safe(span.file)}:${line}:${column}`,
    `  ${paint('blue', `${gutter} |`)} ${left}${shown.slice(from, to).join('')}${right}`,
    `  ${paint('blue', `${blank} |`)} ${' '.repeat(caretFrom)}${paint('red', '^'.repeat(caretCount))}`,
  ]
}

/** The part [from, to) of a line of `length` cells that is shown, so that the caret is in it. */
const window = (length: number, caret: number, carets: number, room: number): readonly [number, number] => {
  if (length <= room) return [0, length]
  const kept = room - 2
  const wanted = caret - Math.max(0, Math.floor((kept - Math.min(carets, kept)) / 2))
  const from = Math.min(Math.max(wanted, 0), length - kept)
  return [from, from + kept]
}

/**
 * One entry per terminal cell: tabs become spaces up to the next multiple of four, a wide character is followed by an
 * empty cell, a mark that combines joins the cell before it, and control characters are shown as `·`, so that no text
 * can move the cursor of a terminal.
 */
const cells = (text: string, column: number): readonly string[] => {
  const out: string[] = []
  for (const character of text) {
    if (character === '\t') {
      do out.push(' ')
      while ((column + out.length) % 4 !== 0)
    } else if (COMBINING.test(character) && out.length > 0) out[out.length - 1] += character
    else if (CONTROL.test(character)) out.push('·')
    else if (WIDE.test(character)) out.push(character, '')
    else out.push(character)
  }
  return out
}

const COMBINING = /^(?:\p{Mn}|\p{Me}|\u200d|[\ufe00-\ufe0f])$/u
const CONTROL = /^[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]$/u
/** East Asian Wide and Fullwidth (UAX #11), by their blocks, and the emoji that terminals draw over two cells. */
const WIDE = new RegExp(
  `^[${[
    '\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\u9fff\\ua000-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff',
    '\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6\\u{1f300}-\\u{1f64f}\\u{1f900}-\\u{1f9ff}\\u{20000}-\\u{3fffd}',
  ].join('')}]$`,
  'u',
)

const safe = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·')

type Painter = (style: keyof typeof STYLES, text: string) => string

const STYLES = { red: '31;1', yellow: '33;1', blue: '34;1', bold: '1' } as const

const painter =
  (color: boolean): Painter =>
  (style, text) =>
    color ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text
