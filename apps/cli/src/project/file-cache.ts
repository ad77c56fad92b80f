import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/engine'
import { parseSize_bytes } from '@millrace/engine/sql/sizes.ts'
import { counted, formatBytes } from '../output/units.ts'
import { patientStore } from './patient-store.ts'
import type { StoredFile } from './pipelines.ts'

const CACHE_BYTES_MAX = 10_000_000_000
const DOWNLOADS_AT_ONCE = 4
/** What was used so lately may be in use by another process: it stays, over the limit if need be. */
const IN_USE_MS = 600_000

/** `.millrace/cache` of the working folder, with the size that MILLRACE_QUERY_CACHE_MAX says. Throws ENG_CLI_USAGE. */
export const openFileCache = (): FileCache => {
  const given = process.env['MILLRACE_QUERY_CACHE_MAX']
  const bytes_max = given === undefined || given === '' ? CACHE_BYTES_MAX : parseSize_bytes(given)
  if (bytes_max === undefined) {
    throw new MillraceError('ENG_CLI_USAGE', "MILLRACE_QUERY_CACHE_MAX is a size such as '10GB'")
  }
  return new FileCache(resolve('.millrace/cache'), bytes_max)
}

/**
 * Files of remote stores on local disk, for DuckDB. Committed files never change, so that a name made of place, size and
 * SHA-256 is enough. Those that were used longest ago go when all of them together pass the limit.
 */
export class FileCache {
  readonly #folder: string
  readonly #bytes_max: number

  constructor(folder: string, bytes_max: number) {
    this.#folder = folder
    this.#bytes_max = bytes_max
  }

  /**
   * Brings the files here and answers their local paths, which keep the partitions' folders. Throws ENG_CLI_CACHE_FULL
   * before anything is fetched when they do not fit together, and StorageError.
   */
  async fetch(files: readonly StoredFile[]): Promise<readonly string[]> {
    const needed = files.reduce((sum, { bytes }) => sum + bytes, 0)
    if (needed > this.#bytes_max) {
      const message = `The query reads ${formatBytes(needed)} in ${counted(files.length, 'file')}; the cache holds ${formatBytes(this.#bytes_max)}`
      throw new MillraceError('ENG_CLI_CACHE_FULL', message)
    }
    const places = files.map((file) => this.#placeOf(file))
    await this.#makeRoom(new Set(places.map(({ entry }) => entry)), needed)
    let next = 0
    const lane = async (): Promise<void> => {
      for (let at = next++; at < files.length; at = next++) await this.#bring(files[at]!, places[at]!)
    }
    await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, lane))
    return places.map(({ path }) => path)
  }

  #placeOf({ store, path, bytes, sha256, root }: StoredFile): { readonly entry: string; readonly path: string } {
    // Nobody promised that a file without a commit stays as it is: it is this process's alone.
    const content = sha256 === '' ? `${process.pid}-${process.hrtime.bigint()}` : sha256
    const key = createHash('sha256')
      .update(JSON.stringify([store.location, path, content]))
      .digest('hex')
    const entry = `${key.slice(0, 32)}-${bytes}`
    return { entry, path: join(this.#folder, entry, ...path.slice(root.length + 1).split('/')) }
  }

  async #bring(
    { store, path, bytes }: StoredFile,
    place: { readonly entry: string; readonly path: string },
  ): Promise<void> {
    const found = await stat(place.path).catch(() => undefined)
    if (found?.size !== bytes) {
      await mkdir(dirname(place.path), { recursive: true })
      await patientStore(store).download(path, place.path)
    }
    const now = new Date()
    await utimes(join(this.#folder, place.entry), now, now)
  }

  async #makeRoom(keep: ReadonlySet<string>, needed: number): Promise<void> {
    const now = Date.now()
    const others: { readonly folder: string; readonly bytes: number; readonly used_ms: number }[] = []
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const bytes = Number(/^[0-9a-f]{32}-(\d+)$/.exec(name)?.[1] ?? Number.NaN)
      if (Number.isNaN(bytes) || keep.has(name)) continue
      const folder = join(this.#folder, name)
      const found = await stat(folder).catch(() => undefined)
      if (found !== undefined) others.push({ folder, bytes, used_ms: found.mtimeMs })
    }
    let total = others.reduce((sum, { bytes }) => sum + bytes, needed)
    others.sort((a, b) => a.used_ms - b.used_ms)
    for (const { folder, bytes, used_ms } of others) {
      if (total <= this.#bytes_max || now - used_ms < IN_USE_MS) break
      await rm(folder, { recursive: true, force: true })
      total -= bytes
    }
  }
}
