/** A disk in memory that tells what was written from what was synced, and forgets as real disks do. */

export interface FileNode {
  readonly kind: 'file'
  readonly id: number
  /** Grows only: files are written from front to back. */
  bytes: Uint8Array
  /** So many of them, from the front, a power cut cannot take. */
  durable_bytes: number
}

export interface DirectoryNode {
  readonly kind: 'directory'
  readonly id: number
  entries: Map<string, DiskNode>
  durable: Map<string, DiskNode>
  /** Changes since the last sync, each of which reaches the disk whole or not at all. */
  pending: EntryChange[]
  /** Changes since the beginning. */
  changes: number
}

export type DiskNode = FileNode | DirectoryNode

/** New values of names; undefined takes the name away. */
export type EntryChange = readonly (readonly [string, DiskNode | undefined])[]

export function emptyDirectory(id: number): DirectoryNode {
  return { kind: 'directory', id, entries: new Map(), durable: new Map(), pending: [], changes: 0 }
}

export function changeEntries(directory: DirectoryNode, change: EntryChange): void {
  apply(directory.entries, change)
  directory.pending.push(change)
  directory.changes += 1
}

export function syncEntries(directory: DirectoryNode): void {
  directory.durable = new Map(directory.entries)
  directory.pending = []
}

/**
 * What is left after a power cut: all that was synced, and of the rest whatever `random` (uniform in [0, 1)) keeps. Of
 * a directory's unsynced changes that is none, all, a first part or any subset; of a file's unsynced bytes none, all, a
 * first part, or zeros where bytes should be.
 */
export function losePower(root: DirectoryNode, random: () => number): void {
  const seen = new Set<DiskNode>()
  const visit = (node: DiskNode): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (node.kind === 'file') {
      loseBytes(node, random)
      return
    }
    const kept = keptChanges(node.pending, random)
    node.entries = new Map(node.durable)
    for (const change of kept) apply(node.entries, change)
    syncEntries(node)
    for (const child of node.entries.values()) visit(child)
  }
  visit(root)
}

function loseBytes(file: FileNode, random: () => number): void {
  const luck = random()
  const kept = file.durable_bytes + Math.floor(random() * (file.bytes.length - file.durable_bytes + 1))
  if (luck < 0.25) file.bytes = file.bytes.slice(0, file.durable_bytes)
  else if (luck < 0.5) file.bytes = file.bytes.slice(0, kept)
  else if (luck < 0.75) file.bytes = file.bytes.slice().fill(0, kept)
  file.durable_bytes = file.bytes.length
}

function keptChanges(pending: readonly EntryChange[], random: () => number): readonly EntryChange[] {
  const luck = random()
  if (luck < 0.25) return []
  if (luck < 0.5) return pending
  if (luck < 0.75) return pending.slice(0, Math.floor(random() * (pending.length + 1)))
  return pending.filter(() => random() < 0.5)
}

function apply(entries: Map<string, DiskNode>, change: EntryChange): void {
  for (const [name, node] of change) {
    if (node === undefined) entries.delete(name)
    else entries.set(name, node)
  }
}
