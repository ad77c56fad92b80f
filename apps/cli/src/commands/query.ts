import { MillraceError } from '@millrace/engine'
import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { parseCount } from '../output/units.ts'
import { type FileOptions, loadFile } from '../project/load.ts'
import { Reader } from '../project/reader.ts'

export interface QueryOptions extends FileOptions {
  readonly file?: string
  readonly format?: string
  readonly limit: string
}

/** `millrace query`: a SELECT over committed files. Programs get all rows, people the first of them. */
export const query = async (terminal: Terminal, select: string, options: QueryOptions): Promise<number> => {
  const format = parseFormat(options.format ?? 'table')
  const limit = format === 'table' ? parseCount('--limit', options.limit) : 0
  const reader = await Reader.open(await fileFor(terminal, options))
  try {
    const result = await reader.query(select, limit)
    const text = renderRows(result, format)
    if (text !== '') terminal.data(text)
    return 0
  } finally {
    reader.close()
  }
}

/** A SELECT over paths needs no file: where none is to be found, none is used. */
const fileFor = async (terminal: Terminal, options: QueryOptions) => {
  try {
    return await loadFile(terminal, options.file, options)
  } catch (error) {
    if (options.file === undefined && error instanceof MillraceError && error.code === 'ENG_CLI_FILE') return undefined
    throw error
  }
}
