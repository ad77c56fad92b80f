import { comparePaths, isReservedName, segmentFault } from '../path.ts'
import type { HdfsClient, HdfsStatus } from './client.ts'

export interface WalkedFile {
  /** Relative to the root, `/` between segments. */
  readonly path: string
  readonly bytes: number
}

export interface WalkOptions {
  readonly after?: string | undefined
  readonly reserved: 'hide' | 'show'
  readonly signal?: AbortSignal | undefined
}

/**
 * All files below `prefix`, ascending by path, one page of one directory at a time. A directory sorts as its name with
 * `/`, which HDFS does not know: one is held back until nothing that sorts before it can follow (`a` until `a-b` came).
 */
export async function* walk(
  client: HdfsClient,
  root: string,
  prefix: string,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  const { after, signal } = options
  let held: string[] = []
  for await (const entry of entriesOf(client, `${root}${prefix}`, startAfter(prefix, after), options)) {
    const name = entry.kind === 'directory' ? `${entry.name}/` : entry.name
    for (const directory of held.filter((waiting) => comparePaths(waiting, name) < 0)) {
      yield* walk(client, root, `${prefix}/${directory.slice(0, -1)}`, options)
    }
    held = held.filter((waiting) => comparePaths(waiting, name) >= 0)
    signal?.throwIfAborted()
    const path = `${prefix}/${entry.name}`
    if (entry.kind === 'directory') {
      if (mayHoldLater(path, after)) held = [...held, name].sort(comparePaths)
    } else if (after === undefined || comparePaths(path, after) > 0) {
      yield { path, bytes: entry.bytes }
    }
  }
  for (const directory of held) yield* walk(client, root, `${prefix}/${directory.slice(0, -1)}`, options)
}

async function* entriesOf(
  client: HdfsClient,
  directory: string,
  from: string | undefined,
  { reserved, signal }: WalkOptions,
): AsyncGenerator<HdfsStatus> {
  let last = from
  for (;;) {
    const page = await client.list(directory, last, signal)
    if (page === undefined) return
    for (const entry of page.entries) {
      last = entry.name
      // A file has one nameless entry: itself.
      if (entry.kind === 'other' || segmentFault(entry.name) !== undefined) continue
      if (reserved === 'show' || !isReservedName(entry.name)) yield entry
    }
    if (!page.more || page.entries.length === 0) return
  }
}

/**
 * A name that sorts before all that is wanted of a directory: the segment of `after` in it may be a directory itself,
 * and so may its beginning up to a character below `/` be (`a/z` comes after `a-b`); a name one shorter than that is
 * before both, and passes over nearly as much.
 */
function startAfter(prefix: string, after: string | undefined): string | undefined {
  if (after === undefined || !after.startsWith(`${prefix}/`)) return undefined
  const segment = after.slice(prefix.length + 1).split('/', 1)[0]!
  const characters = [...segment]
  const low = characters.findIndex((character) => character < '/')
  const shorter = characters.slice(0, low === -1 ? -1 : Math.max(0, low - 1)).join('')
  return shorter === '' ? undefined : shorter
}

function mayHoldLater(directory: string, after: string | undefined): boolean {
  return after === undefined || after.startsWith(`${directory}/`) || comparePaths(`${directory}/`, after) > 0
}
