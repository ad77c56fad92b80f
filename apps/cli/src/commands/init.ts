import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/engine'
import type { Terminal } from '../output/terminal.ts'
import { projectFiles } from '../project/template.ts'

/** `millrace init NAME`: a project folder whose pipeline, script and test run as they are. Overwrites nothing. */
export const init = async (terminal: Terminal, name: string): Promise<number> => {
  const folder = resolve(name)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new MillraceError('ENG_CLI_FILE', `The folder ${name} is there already and not empty`)
  }
  for (const [path, { text, executable }] of Object.entries(projectFiles(basename(folder)))) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
    if (executable) chmodSync(target, 0o755)
  }
  terminal.say(`${terminal.style.good('Made')} ${name}. What next:

  cd ${name}
  npx millrace produce books --topic book_data_topic --count 10000 --bad 1% --duplicates 5%
  npx millrace run --once
  npx millrace query 'SELECT date, count(*) AS books FROM raw_books GROUP BY ALL ORDER BY ALL'`)
  return 0
}
