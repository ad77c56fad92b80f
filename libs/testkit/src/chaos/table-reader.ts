import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/**
 * Reads a table as somebody else would, again and again while it is being written: a glob of its files by DuckDB. Every
 * look asserts that no id is there twice and that every visible file is named by a commit record.
 */
export class TableReader {
  readonly #tableRoot: string
  readonly #commits: string
  readonly #id: string
  readonly #problems: string[] = []
  readonly #named = new Set<string>()
  readonly #read = new Set<string>()
  #stopped = false
  #running: Promise<void> | undefined
  looks = 0

  constructor(options: { readonly tableRoot: string; readonly commits: string; readonly id: string }) {
    this.#tableRoot = options.tableRoot
    this.#commits = options.commits
    this.#id = options.id
  }

  start(interval_ms: number): void {
    this.#running = this.#loop(interval_ms)
  }

  /** Ends the looking; answers what was seen to be wrong. */
  async stop(): Promise<readonly string[]> {
    this.#stopped = true
    await this.#running
    return this.#problems
  }

  async #loop(interval_ms: number): Promise<void> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    try {
      while (!this.#stopped) {
        const files = await parquetFiles(this.#tableRoot)
        // Commits are read after the files: a file that is visible was committed before it was seen.
        await this.#readCommits()
        for (const file of files) if (!this.#named.has(basename(file))) this.#problems.push(`no commit names ${file}`)
        if (files.length > 0) {
          const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ')
          const sql = `SELECT count(*) - count(DISTINCT ${this.#id}) FROM read_parquet([${list}], hive_partitioning = false)`
          const doubled = Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0])
          if (doubled > 0) this.#problems.push(`${doubled} rows are there twice, in ${files.length} files`)
        }
        this.looks++
        await new Promise((resolve) => setTimeout(resolve, interval_ms))
      }
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }

  async #readCommits(): Promise<void> {
    const names = await readdir(this.#commits).catch(() => [])
    for (const name of names) {
      if (!name.endsWith('.json') || this.#read.has(name)) continue
      const record = JSON.parse(await readFile(join(this.#commits, name), 'utf8')) as { files: { target: string }[] }
      for (const { target } of record.files) this.#named.add(basename(target))
      this.#read.add(name)
    }
  }
}

const parquetFiles = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.parquet'))
    .map((entry) => join(entry.parentPath, entry.name))
}
