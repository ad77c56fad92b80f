import { MillraceError } from '@millrace/engine'
import { didYouMean } from '@millrace/engine/core/suggest.ts'
import { type ExplainStage, explain as explainProgram } from '@millrace/engine/plan/explain.ts'
import { jsonText, parseFormat } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { type FileOptions, loadFile } from '../project/load.ts'

const STAGES: readonly ExplainStage[] = ['ast', 'plan', 'sql', 'consumption']

/** `millrace explain`: what a stage of compiling made of the file; by default what will run. */
export const explain = async (
  terminal: Terminal,
  file: string | undefined,
  options: FileOptions & { readonly format?: string; readonly stage?: string },
): Promise<number> => {
  const asked = options.stage ?? 'consumption'
  const stage = STAGES.find((known) => known === asked)
  if (stage === undefined) {
    throw new MillraceError('ENG_CLI_USAGE', `--stage takes ${STAGES.join(', ')}, not '${asked}'`, {
      hint: didYouMean(asked, STAGES) ?? `The stages are ${STAGES.join(', ')}.`,
    })
  }
  const { program } = await loadFile(terminal, file, options)
  const { text, json } = explainProgram(program, stage)
  terminal.data(parseFormat(options.format ?? 'table') === 'json' ? jsonText(json) : text)
  return 0
}
