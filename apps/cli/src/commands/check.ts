import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { type FileOptions, loadFiles } from '../project/load.ts'

/** `millrace check`: compiles and says what there is. Errors were thrown by loading. */
export const check = async (
  terminal: Terminal,
  file: string | undefined,
  options: FileOptions & { readonly format?: string },
): Promise<number> => {
  const files = await loadFiles(terminal, file, options)
  const rows = files.flatMap(({ path, program }) =>
    program.pipelines.map((plan) => [
      plan.pipeline,
      plan.streams.map((stream) => stream.source.topic).join(', '),
      plan.outputs.map((output) => output.target.name).join(', '),
      plan.trigger.kind === 'every' ? `every ${plan.trigger.interval_ms / 1_000} s` : 'as data comes',
      plan.fingerprint.slice(0, 12),
      path,
    ]),
  )
  const columns = ['pipeline', 'topics', 'targets', 'trigger', 'fingerprint', 'file'].map((name) => ({ name }))
  const text = renderRows({ columns, rows }, parseFormat(options.format ?? 'table'))
  if (text !== '') terminal.data(text)
  terminal.say(terminal.style.good(`OK: ${files.length} file${files.length === 1 ? '' : 's'}, no errors`))
  return 0
}
