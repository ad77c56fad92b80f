import { cellText, type ResultSet } from './rows.ts'
import { formatCount } from './units.ts'

const CELL_WIDTH_MAX = 48

const isWide = (code: number): boolean =>
  code >= 0x1100 &&
  (code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    code >= 0x20000)

/** Columns of a terminal that a text takes: East Asian and emoji characters take two, combining marks none. */
export const displayWidth = (text: string): number => {
  let width = 0
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue
    width += isWide(character.codePointAt(0)!) ? 2 : 1
  }
  return width
}

const clip = (text: string): string => {
  // Control characters could move the cursor or colour the terminal: data must not.
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => (c === '\n' ? '↵' : '·'))
  if (displayWidth(plain) <= CELL_WIDTH_MAX) return plain
  let kept = ''
  let width = 0
  for (const character of plain) {
    width += displayWidth(character)
    if (width > CELL_WIDTH_MAX - 1) break
    kept += character
  }
  return `${kept}…`
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/

/** A box like the one of DuckDB's own command line: names, types, rows, and how many there are. */
export const boxTable = (result: ResultSet): string => {
  const typed = result.columns.some((column) => column.type !== undefined)
  const cells = result.rows.map((row) =>
    row.map((value) => (value === null || value === undefined ? 'NULL' : clip(cellText(value)))),
  )
  const right = result.columns.map(
    (column, i) =>
      NUMERIC.test(column.type?.toUpperCase() ?? '') ||
      (column.type === undefined && result.rows.some((row) => /number|bigint/.test(typeof row[i]))),
  )
  const head = [
    result.columns.map((c) => clip(c.name)),
    ...(typed ? [result.columns.map((c) => clip(c.type?.toLowerCase() ?? ''))] : []),
  ]
  const widths = result.columns.map((_, i) =>
    Math.max(1, ...[...head, ...cells].map((row) => displayWidth(row[i] ?? ''))),
  )
  const rule = (left: string, middle: string, end: string) =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${end}`
  const pad = (text: string, width: number, where: 'left' | 'right' | 'centre') => {
    const space = width - displayWidth(text)
    const before = where === 'right' ? space : where === 'centre' ? Math.floor(space / 2) : 0
    return `${' '.repeat(before)}${text}${' '.repeat(space - before)}`
  }
  const line = (row: readonly string[], where: (i: number) => 'left' | 'right' | 'centre') =>
    `│${row.map((text, i) => ` ${pad(text, widths[i]!, where(i))} `).join('│')}│`
  const count = `${formatCount(result.rows.length)} row${result.rows.length === 1 ? '' : 's'}${result.more ? ' shown' : ''}`
  return [
    rule('┌', '┬', '┐'),
    ...head.map((row) => line(row, () => 'centre')),
    rule('├', '┼', '┤'),
    ...cells.map((row) => line(row, (i) => (right[i] ? 'right' : 'left'))),
    rule('└', '┴', '┘'),
    count,
  ].join('\n')
}
