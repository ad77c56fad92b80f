import { MillraceError } from '@millrace/engine'
import { boxTable } from './table.ts'

export const FORMATS = ['table', 'json', 'csv', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

export const parseFormat = (text: string): Format => {
  const format = FORMATS.find((known) => known === text)
  if (!format) throw new MillraceError('ENG_CLI_USAGE', `--format takes ${FORMATS.join(', ')}, not '${text}'`)
  return format
}

/** An answer as plain values: null, boolean, number, bigint, string, or lists and objects of them. */
export interface ResultSet {
  readonly columns: readonly { readonly name: string; readonly type?: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** Rows that were left out, where a limit was set. */
  readonly more?: boolean
}

/** JSON text in which a bigint is a number with all its digits. */
export const jsonText = (value: unknown): string => {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${jsonText(field)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

export const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? jsonText(value) : String(value)
}

const csvField = (value: unknown): string => {
  const text = cellText(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const markdownCell = (value: unknown): string => cellText(value).replaceAll('|', '\\|').replace(/\r?\n/g, '<br>')

/** The text of a result: json is one object per line (an empty text for no rows), csv is RFC 4180 with LF. */
export const renderRows = (result: ResultSet, format: Format): string => {
  const names = result.columns.map((column) => column.name)
  switch (format) {
    case 'json':
      return result.rows
        .map((row) => `{${names.map((name, i) => `${JSON.stringify(name)}:${jsonText(row[i])}`).join(',')}}`)
        .join('\n')
    case 'csv':
      return [names, ...result.rows].map((row) => row.map(csvField).join(',')).join('\n')
    case 'markdown':
      return [names, names.map(() => '---'), ...result.rows]
        .map((row) => `| ${row.map(markdownCell).join(' | ')} |`)
        .join('\n')
    case 'table':
      return boxTable(result)
  }
}
