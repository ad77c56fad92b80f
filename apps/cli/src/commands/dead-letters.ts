import { existsSync } from 'node:fs'
import { MillraceError } from '@millrace/engine'
import { didYouMean } from '@millrace/engine/core/suggest.ts'
import { quoteText } from '@millrace/engine/duckdb/sql-text.ts'
import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { parseCount } from '../output/units.ts'
import { type FileOptions, loadFile } from '../project/load.ts'
import { Reader } from '../project/reader.ts'

export interface DeadLettersOptions extends FileOptions {
  readonly format?: string
  readonly limit: string
  readonly raw?: boolean
}

/** `millrace dead-letters`: how many by rule (for people), and the records themselves, newest first. */
export const deadLetters = async (
  terminal: Terminal,
  file: string | undefined,
  stream: string | undefined,
  options: DeadLettersOptions,
): Promise<number> => {
  const format = parseFormat(options.format ?? 'table')
  const limit = parseCount('--limit', options.limit, 1)
  const isName = stream === undefined && file !== undefined && /^[\w-]+$/.test(file) && !existsSync(file)
  const loaded = await loadFile(terminal, isName ? undefined : file, options)
  const wanted = isName ? file : stream
  const names = loaded.program.streams.map(({ name }) => name)
  const known = wanted === undefined ? undefined : names.find((name) => name.toLowerCase() === wanted.toLowerCase())
  if (wanted !== undefined && known === undefined) {
    throw new MillraceError('ENG_CLI_NOTHING_FOUND', `There is no stream ${wanted} in ${loaded.path}`, {
      hint: didYouMean(wanted, names) ?? `Its streams are ${names.join(', ') || 'none'}.`,
    })
  }
  const where = known === undefined ? '' : `WHERE stream = ${quoteText(known)}`
  const reader = await Reader.open(loaded)
  try {
    if (format === 'table') {
      const counts = await reader.query(
        `SELECT stream, reason.rule AS rule, count(*) AS records
         FROM (SELECT stream, unnest(reasons) AS reason FROM millrace_dead_letters ${where}) GROUP BY ALL ORDER BY records DESC, rule`,
      )
      terminal.data(renderRows(counts, format))
    }
    const raw = options.raw ? ', raw::VARCHAR AS raw' : ''
    const rows = await reader.query(
      `SELECT stream, topic, "partition", "offset", "timestamp", row_ordinal, reasons${raw}
       FROM millrace_dead_letters ${where} ORDER BY batch DESC, "partition", "offset", row_ordinal`,
      limit,
    )
    const text = renderRows(rows, format)
    if (text !== '') terminal.data(text)
    return 0
  } finally {
    reader.close()
  }
}
