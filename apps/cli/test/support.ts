import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { books } from '@millrace/testkit/generators'

export const BIN = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))
export const BOOKS_SQL = fileURLToPath(new URL('../../../sql/books_raw.sql', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when what was written to stderr so far matches. */
  says(pattern: RegExp): Promise<void>
}

const RUN_MS_MAX = 60_000

/** A project folder of a test, with the built command line run in it as users run it. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
  readonly #env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env
  }

  start(
    args: readonly string[],
    options: { readonly env?: Record<string, string>; readonly input?: string } = {},
  ): Running {
    const { MILLRACE_CRASHPOINT: _, KAFKA: __, LAKE: ___, ...outer } = process.env
    const env = { ...outer, NO_COLOR: '1', MILLRACE_BUILD: 'never', ...this.#env, ...options.env }
    const child = spawn(process.execPath, [BIN, ...args], { cwd: this.folder, env, timeout: RUN_MS_MAX })
    let stdout = ''
    let stderr = ''
    const watchers = new Set<() => void>()
    child.stdout.on('data', (bytes) => (stdout += bytes))
    child.stderr.on('data', (bytes) => {
      stderr += bytes
      for (const watch of watchers) watch()
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
    )
    const says = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const watch = () => pattern.test(stderr) && resolve()
        watchers.add(watch)
        watch()
        void ended.then(() => reject(new Error(`ended without saying ${pattern}: ${stderr}`)))
      })
    return { child, ended, says }
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended
  }

  /** Runs what must succeed; gives its stdout. */
  async ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`millrace ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
    return stdout
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts)
  }

  write(path: string, text: string): string {
    const target = this.path(path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
    return target
  }

  /** All files below a folder, with their contents when asked for. */
  files(under = '.'): readonly string[] {
    const folder = this.path(under)
    if (!existsSync(folder)) return []
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => join(folder, name))
      .sort()
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Different valid books among the first messages of a seed: what must be in the table, each once. */
export const booksTruth = (
  count: number,
  shape: { readonly seed: number; readonly bad: number; readonly duplicates: number },
): { readonly ids: ReadonlySet<string>; readonly bad: number } => {
  const ids = new Set<string>()
  let bad = 0
  let left = count
  for (const { truth } of books(shape)) {
    if (left-- === 0) break
    for (const { record_id } of truth.valid) ids.add(record_id)
    if (truth.kind !== 'good') bad++
  }
  return { ids, bad }
}

/** Rows and different ids of a table as a glob reader sees it, in this process. */
export const tableCounts = async (
  folder: string,
): Promise<{ readonly rows: number; readonly ids: ReadonlySet<string> }> => {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
    : []
  if (files.length === 0) return { rows: 0, ids: new Set() }
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(`SELECT record_id FROM read_parquet('${folder}/**/*.parquet')`)
    const ids = reader.getRows().map(([id]) => String(id))
    return { rows: ids.length, ids: new Set(ids) }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** `T` while a process stands still. */
export const processState = (pid: number): string => {
  try {
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

export const readText = (path: string): string => readFileSync(path, 'latin1')
