import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { MillraceError } from '@millrace/engine'
import type { Diagnostic } from '@millrace/engine/core/diagnostics.ts'
import { LIMITS } from '@millrace/engine/core/limits.ts'
import { openSqlEngine } from '@millrace/engine/duckdb/sql-engine.ts'
import { compile } from '@millrace/engine/plan/compile.ts'
import type { Program } from '@millrace/engine/plan/program.ts'
import { parseFile } from '@millrace/engine/sql/parse-file.ts'
import { type OpenStorageOptions, parseLocation, StorageError } from '@millrace/storage'
import { secretsOf } from '../output/redact.ts'
import type { Terminal } from '../output/terminal.ts'
import { counted } from '../output/units.ts'
import { locateFile, locateFiles } from './locate.ts'
import { parseSets } from './sets.ts'
import { readSettings, type Settings } from './settings.ts'
import { storageOptions } from './storage-options.ts'

/** Options of every command that works on a file. */
export interface FileOptions {
  readonly set?: readonly string[]
  readonly state?: string
}

export interface LoadedFile {
  readonly path: string
  readonly program: Program
  /** Where the state lies, when --state or millrace.json says so. */
  readonly state?: string
  /** How the stores of its locations are opened. */
  readonly storage: OpenStorageOptions
}

/** The user's mistakes in a file, to be shown with the lines they are in. */
export class SqlFileError extends Error {
  readonly diagnostics: readonly Diagnostic[]
  /** Text that the spans of a file point into, by the file's name in spans. */
  readonly texts: ReadonlyMap<string, string>
  /** True where there are more errors than `diagnostics` may hold. */
  readonly hasMore: boolean

  constructor(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>, hasMore: boolean) {
    super(`${counted(diagnostics.length, 'error')}`)
    this.hasMore = hasMore
    this.diagnostics = diagnostics
    this.texts = texts
  }
}

/** Compiles the one file that the argument means. Throws MillraceError and SqlFileError; warnings are said. */
export const loadFile = async (
  terminal: Terminal,
  argument: string | undefined,
  options: FileOptions,
): Promise<LoadedFile> => {
  const context = createContext(terminal, options)
  return load(terminal, locateFile(argument, context.settings, process.cwd()), context)
}

/** The same for every file of a folder. */
export const loadFiles = async (
  terminal: Terminal,
  argument: string | undefined,
  options: FileOptions,
): Promise<readonly LoadedFile[]> => {
  const context = createContext(terminal, options)
  const loaded: LoadedFile[] = []
  for (const path of locateFiles(argument, context.settings, process.cwd())) {
    loaded.push(await load(terminal, path, context))
  }
  return loaded
}

interface LoadContext {
  readonly settings: Settings
  readonly values: Readonly<Record<string, string | undefined>>
  /** Those of --set and millrace.json, without the environment. */
  readonly given: Readonly<Record<string, string | undefined>>
  readonly state: string | undefined
}

/** Who wins: --set, then the environment, then millrace.json. */
const createContext = (terminal: Terminal, options: FileOptions): LoadContext => {
  const settings = readSettings(process.cwd())
  const sets = parseSets(options.set)
  const values = { ...settings.variables, ...process.env, ...sets }
  const defined = Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]))
  terminal.hide([...secretsOf(defined), ...settings.secrets.flatMap((name) => defined[name] ?? [])])
  return { settings, values, given: { ...settings.variables, ...sets }, state: options.state ?? settings.state }
}

const readText = (path: string): string => {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new MillraceError('ENG_CLI_FILE', `Cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  if (bytes.length > LIMITS.sql_file_bytes_max) {
    throw new MillraceError(
      'ENG_CLI_FILE',
      `${path} is larger than sql_file_bytes_max (${LIMITS.sql_file_bytes_max} bytes)`,
    )
  }
  return bytes.toString('utf8')
}

const locationFault = (text: string): string | undefined => {
  try {
    parseLocation(text, '/')
    return undefined
  } catch (error) {
    if (error instanceof StorageError) return error.message
    throw error
  }
}

const load = async (terminal: Terminal, path: string, context: LoadContext): Promise<LoadedFile> => {
  const { settings, values, given, state } = context
  const cwd = settings.folder
  const texts = new Map<string, string>()
  const parse = (text: string, file: string) => {
    const result = parseFile(text, {
      file,
      lookup: (name) => values[name],
      names: Object.keys(values),
      secretNames: new Set(settings.secrets),
    })
    texts.set(file, result.file.text)
    return result
  }
  const shown = relative(cwd, path) || path
  const engine = openSqlEngine()
  try {
    const parsed = parse(readText(path), shown)
    const failed = (diagnostics: readonly Diagnostic[]) => diagnostics.some((one) => one.severity === 'error')
    const ports = {
      engine: await engine,
      readFile: (file: string) => readFile(file, 'utf8').catch(() => undefined),
      parse,
      sha256: (text: string) => createHash('sha256').update(text, 'utf8').digest('hex'),
      locationFault,
    }
    // A file with syntax errors is compiled all the same: its other statements may have errors of their own.
    const compiled = await compile(parsed.file, ports, {
      cwd,
      diagnostics: parsed.diagnostics,
      hasMore: parsed.hasMore,
    })
    const { diagnostics, hasMore } = compiled
    for (const one of compiled.files) texts.set(one.file, one.text)
    if (failed(diagnostics) || compiled.program === undefined) throw new SqlFileError(diagnostics, texts, hasMore)
    const { renderWarnings } = await import('../output/report-error.ts')
    renderWarnings(terminal, [...diagnostics, ...compiled.program.warnings], texts)
    const storage = storageOptions(compiled.program.settings.storage, given)
    return { path, program: compiled.program, storage, ...(state === undefined ? {} : { state }) }
  } finally {
    await engine.then((open) => open.close()).catch(() => undefined)
  }
}
