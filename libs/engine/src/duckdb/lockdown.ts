import type { Limits } from '../core/limits.ts'
import type { Database } from './database.ts'
import { quoteText } from './sql-text.ts'

/**
 * Threads of one session. With a second one DuckDB's first spins whenever it has to wait for it, and takes the core that
 * fetching, scanning and the broker need: a quarter more CPU for the whole run, and more time as soon as anything else
 * runs (docs/performance.md).
 */
export const SESSION_THREADS = 1

/**
 * Partitions that one COPY writes. DuckDB takes a 256 KiB block for each in each thread, so that 4,000 at once do not
 * fit into 256 MiB; more are written by several COPYs.
 */
export const PARTITIONS_PER_COPY = 128

export interface Fence {
  /** The only folder that SQL may write to, and may read freely. */
  readonly work: string
  /** Paths or globs of files that SQL may read. A glob means the files that it matches now. */
  readonly staticFiles: readonly string[]
}

/** Files behind the globs, and the globs themselves: DuckDB checks both the pattern and what it matches. */
const readableFiles = async (database: Database, patterns: readonly string[]): Promise<readonly string[]> => {
  const files = new Set<string>()
  for (const pattern of patterns) {
    files.add(pattern)
    const found = await database.rows(`SELECT file FROM glob(${quoteText(pattern)})`, 'looking for static files')
    for (const [file] of found) files.add(String(file))
  }
  return [...files]
}

const list = (paths: readonly string[]): string => `[${paths.map(quoteText).join(', ')}]`

/**
 * Sets the limits, then takes away what SQL has no business with: files outside the work folder, ATTACH, INSTALL, LOAD
 * and every setting. It cannot be undone on this database; the order is what DuckDB wants.
 */
export const lockDown = async (database: Database, limits: Limits, fence: Fence): Promise<void> => {
  const readable = await readableFiles(database, fence.staticFiles)
  const settings = [
    `TimeZone = 'UTC'`,
    `threads = ${SESSION_THREADS}`,
    `memory_limit = '${limits.memory_limit_bytes}B'`,
    `temp_directory = ${quoteText(`${fence.work}/duckdb-temp`)}`,
    // Rows carry their own order (__row); without this a COPY buffers what another thread has not written yet.
    `preserve_insertion_order = false`,
    // Past this DuckDB closes a partition's file and begins another one.
    `partitioned_write_max_open_files = ${PARTITIONS_PER_COPY}`,
    `autoinstall_known_extensions = false`,
    `autoload_known_extensions = false`,
    `allow_community_extensions = false`,
    `allowed_directories = ${list([fence.work])}`,
    ...(readable.length === 0 ? [] : [`allowed_paths = ${list(readable)}`]),
    `enable_external_access = false`,
    `lock_configuration = true`,
  ]
  for (const setting of settings) await database.run(`SET ${setting}`, 'setting up DuckDB')
}
