import type { BigIntStats, Dirent } from 'node:fs'
import { link, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import type { FileStat, FileSystem, OpenFile } from './file-system.ts'

/**
 * Kernels stamp changes with a coarse clock: two changes within a tick (at most 10 ms on Linux, 20 elsewhere) may bear
 * one time. A time that is older than this tells a later change apart for certain.
 */
const TIMESTAMP_TICK_MS = 100

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = {
  open: openFile,
  async stat(path): Promise<FileStat> {
    const found = await stat(path, { bigint: true })
    const same = { kind: kindOf(found), bytes: Number(found.size), identity: `${found.dev}:${found.ino}` }
    const settled = found.mtimeMs < Date.now() - TIMESTAMP_TICK_MS
    return settled ? { ...same, revision: String(found.mtimeNs) } : same
  },
  async readDirectory(path) {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
  },
  async makeDirectory(path) {
    await mkdir(path)
  },
  removeDirectory: (path) => rmdir(path),
  link: (existing, added) => link(existing, added),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  async syncDirectory(path) {
    const directory = await open(path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
}

async function openFile(path: string, mode: 'read' | 'create'): Promise<OpenFile> {
  const file = await open(path, mode === 'create' ? 'wx' : 'r')
  return {
    async read(target, position) {
      return (await file.read(target, 0, target.length, position)).bytesRead
    },
    async write(bytes) {
      for (let written = 0; written < bytes.length; ) {
        written += (await file.write(bytes, written)).bytesWritten
      }
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

function kindOf(found: Dirent | BigIntStats): 'file' | 'directory' | 'other' {
  if (found.isFile()) return 'file'
  return found.isDirectory() ? 'directory' : 'other'
}
