import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { MillraceError } from '@millrace/engine'
import { suggest } from '@millrace/engine/core/suggest.ts'
import type { Settings } from './settings.ts'

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? undefined : found.isDirectory() ? 'folder' : 'file'
}

/** A folder's pipelines: its .sql files but for the tests beside them. */
const sqlFilesIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !name.endsWith('_test.sql'))
    .sort()
    .map((name) => join(folder, name))

const missing = (path: string, cwd: string): MillraceError => {
  const folder = resolve(path, '..')
  const beside = kindOf(folder) === 'folder' ? readdirSync(folder).map((name) => join(folder, name)) : []
  const near = suggest(path, [
    ...beside,
    ...(kindOf(join(cwd, 'sql')) === 'folder' ? sqlFilesIn(join(cwd, 'sql')) : []),
  ])
  const hint = near === undefined ? undefined : `Did you mean ${relative(cwd, near)}?`
  return new MillraceError(
    'ENG_CLI_FILE',
    `There is no file ${relative(cwd, path) || path}`,
    hint === undefined ? {} : { hint },
  )
}

/**
 * The .sql files that a FILE argument means: a file, or all of a folder. Left out, it is what millrace.json says, else
 * the only .sql file of the working folder or of its sql/. Throws ENG_CLI_FILE.
 */
export const locateFiles = (argument: string | undefined, settings: Settings, cwd: string): readonly string[] => {
  const given = argument === undefined ? settings.file : resolve(cwd, argument)
  if (given !== undefined) {
    const kind = kindOf(given)
    if (kind === undefined) throw missing(given, cwd)
    if (kind === 'file') return [given]
    const files = sqlFilesIn(given)
    if (files.length > 0) return files
    throw new MillraceError('ENG_CLI_FILE', `There is no .sql file in ${relative(cwd, given) || '.'}`)
  }
  for (const folder of [cwd, join(cwd, 'sql')]) {
    const files = kindOf(folder) === 'folder' ? sqlFilesIn(folder) : []
    if (files.length === 1) return files
    if (files.length > 1) {
      const names = files.map((file) => relative(cwd, file)).join(', ')
      throw new MillraceError('ENG_CLI_FILE', `Say which file: ${names}`)
    }
  }
  throw new MillraceError('ENG_CLI_FILE', 'There is no .sql file here or in sql/', {
    hint: 'millrace init NAME makes a project that runs.',
  })
}

/** The one file that a command works on. Throws ENG_CLI_FILE when the argument means several. */
export const locateFile = (argument: string | undefined, settings: Settings, cwd: string): string => {
  const files = locateFiles(argument, settings, cwd)
  if (files.length === 1) return files[0]!
  const names = files.map((file) => relative(cwd, file)).join(', ')
  throw new MillraceError('ENG_CLI_FILE', `Say which file: ${names}`)
}
