import { comparePaths, isReservedName, segmentFault } from '../path.ts'
import { codeOf } from './errors.ts'
import type { DirectoryEntry, FileSystem } from './file-system.ts'

const STATS_AT_ONCE = 64

export interface WalkedFile {
  /** Relative to the walk's root, `/` between segments. */
  readonly path: string
  readonly bytes: number
}

export interface WalkOptions {
  readonly after?: string | undefined
  readonly reserved: 'hide' | 'show'
  readonly signal?: AbortSignal | undefined
  /** Told of each directory after its entries were read and before any of them is yielded. */
  readonly onDirectory?: (path: string) => Promise<void>
}

/**
 * All regular files below `prefix`, ascending by path. What is removed during the walk may be missing or not; links,
 * and names that are no storage path (other software's), are passed over.
 */
export async function* walk(
  fs: FileSystem,
  root: string,
  prefix: string,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  const { after } = options
  const directory = `${root}/${prefix}`
  const entries = await readSorted(fs, directory, options.reserved)
  await options.onDirectory?.(directory)
  for (let from = 0; from < entries.length; from += STATS_AT_ONCE) {
    options.signal?.throwIfAborted()
    const slice = entries.slice(from, from + STATS_AT_ONCE)
    const sizes = await Promise.all(slice.map((entry) => sizeOf(fs, directory, prefix, entry, after)))
    for (const [i, entry] of slice.entries()) {
      const path = `${prefix}/${entry.name}`
      if (entry.kind === 'directory') {
        if (mayHoldLater(path, after)) yield* walk(fs, root, path, options)
      } else if (sizes[i] !== undefined) {
        yield { path, bytes: sizes[i] }
      }
    }
  }
}

/** Sorted so that the full paths ascend: a directory sorts as its name with `/`, hence `a-b` before `a/b`. */
async function readSorted(fs: FileSystem, path: string, reserved: 'hide' | 'show'): Promise<DirectoryEntry[]> {
  let entries: readonly DirectoryEntry[]
  try {
    entries = await fs.readDirectory(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
  const shown = entries.filter(
    ({ name, kind }) =>
      kind !== 'other' && segmentFault(name) === undefined && (reserved === 'show' || !isReservedName(name)),
  )
  const key = (entry: DirectoryEntry): string => (entry.kind === 'directory' ? `${entry.name}/` : entry.name)
  return shown.sort((left, right) => comparePaths(key(left), key(right)))
}

async function sizeOf(
  fs: FileSystem,
  directory: string,
  prefix: string,
  entry: DirectoryEntry,
  after: string | undefined,
): Promise<number | undefined> {
  if (entry.kind === 'directory') return undefined
  if (after !== undefined && comparePaths(`${prefix}/${entry.name}`, after) <= 0) return undefined
  try {
    return (await fs.stat(`${directory}/${entry.name}`)).bytes
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function mayHoldLater(directory: string, after: string | undefined): boolean {
  return after === undefined || after.startsWith(`${directory}/`) || comparePaths(`${directory}/`, after) > 0
}
