import { MillraceError } from '@millrace/engine'
import { jsonText, parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { counted, formatBytes } from '../output/units.ts'
import type { FileOptions } from '../project/load.ts'
import { lookAt } from '../project/pipelines.ts'
import { Reader } from '../project/reader.ts'

/**
 * `millrace verify`: re-reads every committed file (length, SHA-256, rows) and the chain of commits. Exit 1, with the
 * name of each file that is not as its commit says.
 */
export const verify = async (
  terminal: Terminal,
  file: string | undefined,
  pipeline: string | undefined,
  options: FileOptions & { readonly format?: string },
): Promise<number> => {
  const format = parseFormat(options.format ?? 'table')
  const { pipelines } = await lookAt(terminal, file, pipeline, options)
  const reader = await Reader.open()
  let problems = 0
  try {
    for (const { plan, log } of pipelines) {
      const report = await log.verify({ countRows: (store, path) => reader.countRows(store, path) })
      problems += report.problems.length
      if (format === 'json') {
        terminal.data(jsonText({ pipeline: plan.pipeline, ...report }))
        continue
      }
      if (report.problems.length > 0) {
        const rows = report.problems.map(({ kind, version, path, message }) => [
          plan.pipeline,
          kind,
          version ?? null,
          path,
          message,
        ])
        const columns = ['pipeline', 'problem', 'version', 'path', 'message'].map((name) => ({ name }))
        terminal.data(renderRows({ columns, rows }, format))
        for (const { path, message } of report.problems)
          terminal.say(`${terminal.style.error('✗')} ${message.includes(path) ? message : `${path}: ${message}`}`)
      }
      const text = `${plan.pipeline}: ${counted(report.commits, 'commit')}, ${counted(report.files, 'file')}, ${counted(report.rows, 'row')}, ${formatBytes(report.bytes)}, ${counted(report.deadLetterRows, 'dead letter')}`
      const verdict = report.ok ? terminal.style.good('OK') : terminal.style.error('BROKEN')
      terminal.say(`${verdict}  ${text}`)
      if (report.staged.orphans > 0)
        terminal.say(`    ${counted(report.staged.orphans, 'orphan')} of failed attempts: millrace vacuum`)
      for (const path of report.foreign) terminal.say(`    not ours: ${path}`)
    }
  } finally {
    reader.close()
  }
  if (problems === 0) return 0
  throw new MillraceError('ENG_RUN_VERIFY_FAILED', `${counted(problems, 'problem')} found`)
}
