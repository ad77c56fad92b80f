import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/engine'
import { didYouMean } from '@millrace/engine/core/suggest.ts'

/** What `millrace.json` may say. Relative paths in it, and in the files it is for, start at its folder. */
export interface Settings {
  /** Folder of millrace.json, or the working folder where there is none. */
  readonly folder: string
  readonly file?: string
  readonly state?: string
  readonly variables: Readonly<Record<string, string>>
  /** Names of variables whose values are never shown. */
  readonly secrets: readonly string[]
}

const KEYS = ['file', 'state', 'variables', 'secrets'] as const

const fault = (path: string, message: string): MillraceError => new MillraceError('ENG_CLI_FILE', `${path}: ${message}`)

/** Reads `millrace.json` in the working folder or the nearest one above. Throws ENG_CLI_FILE. */
export const readSettings = (cwd: string): Settings => {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, 'millrace.json')
    if (existsSync(path)) return parseSettings(path, folder)
    if (folder === dirname(folder)) return { folder: cwd, variables: {}, secrets: [] }
  }
}

const parseSettings = (path: string, folder: string): Settings => {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw fault(path, `is not JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(path, 'is not an object')
  for (const key of Object.keys(value)) {
    if (KEYS.some((known) => known === key)) continue
    throw new MillraceError('ENG_CLI_FILE', `${path}: unknown key ${key}`, {
      hint: didYouMean(key, KEYS) ?? `The keys are ${KEYS.join(', ')}.`,
    })
  }
  const { file, state, variables = {}, secrets = [] } = value as Record<string, unknown>
  const isText = (text: unknown): text is string => typeof text === 'string'
  if (file !== undefined && !isText(file)) throw fault(path, 'file is not a string')
  if (state !== undefined && !isText(state)) throw fault(path, 'state is not a string')
  if (!Array.isArray(secrets) || !secrets.every(isText)) throw fault(path, 'secrets is not a list of strings')
  if (typeof variables !== 'object' || variables === null || !Object.values(variables).every(isText)) {
    throw fault(path, 'variables is not an object of strings')
  }
  return {
    folder,
    ...(file === undefined ? {} : { file: resolve(folder, file) }),
    ...(state === undefined ? {} : { state: /^[a-z][a-z0-9+.-]+:\//i.test(state) ? state : resolve(folder, state) }),
    variables: variables as Readonly<Record<string, string>>,
    secrets,
  }
}
