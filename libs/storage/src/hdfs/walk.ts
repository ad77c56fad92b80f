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

interface Held {
  /** What the entry sorts by: its name, of a directory with `/`. */
  readonly key: string
  readonly entry: HdfsStatus
}

/**
 * All files below `prefix`, ascending by path, one page of one directory at a time. HDFS sorts the names of a directory
 * by signed bytes (whatever is not ASCII first) and knows no `/` behind directories; so an entry is held back until
 * nothing that sorts before it can follow: a directory `a` until `a-b` came, `é` until all ASCII names came.
 */
export async function* walk(
  client: HdfsClient,
  root: string,
  prefix: string,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  const held: Held[] = []
  for await (const entry of entriesOf(client, `${root}${prefix}`, startAfter(prefix, options.after), options)) {
    const key = entry.kind === 'directory' ? `${entry.name}/` : entry.name
    const at = held.findIndex((other) => comparePaths(other.key, key) > 0)
    held.splice(at === -1 ? held.length : at, 0, { key, entry })
    const bound = lowerBound(entry.name)
    while (held.length > 0 && comparePaths(held[0]!.key, bound) <= 0) {
      yield* filesOf(client, root, prefix, held.shift()!.entry, options)
    }
  }
  for (const { entry } of held) yield* filesOf(client, root, prefix, entry, options)
}

async function* filesOf(
  client: HdfsClient,
  root: string,
  prefix: string,
  entry: HdfsStatus,
  options: WalkOptions,
): AsyncGenerator<WalkedFile> {
  const { after, signal } = options
  signal?.throwIfAborted()
  const path = `${prefix}/${entry.name}`
  if (entry.kind === 'directory') {
    if (mayHoldLater(path, after)) yield* walk(client, root, path, options)
  } else if (after === undefined || comparePaths(path, after) > 0) {
    yield { path, bytes: entry.bytes }
  }
}

/** No later name of the listing sorts before this: by UTF-8 bytes, given that HDFS sorts by signed ones. */
function lowerBound(name: string): string {
  const foreign = name.search(/[^\0-\x7f]/)
  return foreign === -1 ? name : name.slice(0, foreign)
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
 * Where HDFS may begin, for records that bear a number of 20 digits: after a name one digit shorter than that wanted,
 * which passes over nearly as much and not over the name itself (it may be a directory). Only there, because elsewhere
 * names that are not ASCII come first though they are wanted.
 */
function startAfter(prefix: string, after: string | undefined): string | undefined {
  if (after === undefined || !after.startsWith(`${prefix}/`)) return undefined
  return /^(\d{19})\d(?!\d)/.exec(after.slice(prefix.length + 1))?.[1]
}

function mayHoldLater(directory: string, after: string | undefined): boolean {
  return after === undefined || after.startsWith(`${directory}/`) || comparePaths(`${directory}/`, after) > 0
}
