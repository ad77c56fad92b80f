import { crashpointFromEnv } from '@millrace/engine/protocol/index.ts'
import { MillraceError } from '@millrace/engine'
import { jsonText, parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { counted, formatBytes } from '../output/units.ts'
import type { FileOptions } from '../project/load.ts'
import { lookAt } from '../project/pipelines.ts'

export interface VacuumCommandOptions extends FileOptions {
  readonly format?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `millrace vacuum`: what failed attempts left in staging. Only says so, unless --yes is given. */
export const vacuum = async (
  terminal: Terminal,
  file: string | undefined,
  pipeline: string | undefined,
  options: VacuumCommandOptions,
): Promise<number> => {
  if (options.dryRun && options.yes) throw new MillraceError('ENG_CLI_USAGE', '--dry-run and --yes exclude each other')
  const format = parseFormat(options.format ?? 'table')
  const dryRun = options.yes !== true
  const { pipelines } = await lookAt(terminal, file, pipeline, options, crashpointFromEnv(process.env))
  for (const { plan, log } of pipelines) {
    const report = await log.vacuum({ dryRun })
    if (format === 'json') {
      terminal.data(jsonText({ pipeline: plan.pipeline, ...report }))
      continue
    }
    const rows = [
      ...report.deleted.map(({ path, bytes }) => [plan.pipeline, dryRun ? 'would go' : 'gone', path, bytes]),
      ...report.kept.map(({ path, reason }) => [plan.pipeline, `kept: ${reason}`, path, null]),
    ]
    const columns = ['pipeline', 'what', 'path', 'bytes'].map((name) => ({ name }))
    if (rows.length > 0) terminal.data(renderRows({ columns, rows }, format))
    const { length } = report.deleted
    const verb = dryRun ? 'would be removed (--yes does it)' : 'removed'
    terminal.say(`${plan.pipeline}: ${counted(length, 'orphan')}, ${formatBytes(report.bytes)}, ${verb}`)
  }
  return 0
}
