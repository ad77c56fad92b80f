import type { StorageAdapter } from '@millrace/storage'
import { openLocalStorage } from '@millrace/storage/local'
import { openMemoryStorage } from '@millrace/storage/memory'
import { powerCutFileSystem } from '../../../testkit/src/power-cut/index.ts'
import type { WriteLocal } from './support.ts'

/** A store, and a way to leave files where its `stage` finds them. */
export interface Machine {
  readonly store: StorageAdapter
  readonly write: WriteLocal
}

export const memoryMachine = (): Machine => {
  const files = new Map<string, Uint8Array>()
  const localFiles = {
    read: async (path: string) => files.get(path) ?? new Uint8Array(),
    write: async (path: string, bytes: Uint8Array) => void files.set(path, bytes),
  }
  const write = async (content: string): Promise<string> => {
    const path = `file-${files.size}`
    files.set(path, new TextEncoder().encode(content))
    return path
  }
  return { store: openMemoryStorage(undefined, { localFiles }), write }
}

/** The local adapter over a disk in memory: thousands of runs, and no wait for a real one's syncs. */
export const localMachine = (): Machine => {
  const disk = powerCutFileSystem(1)
  let files = 0
  const write = async (content: string): Promise<string> => {
    const path = `/made/${++files}`
    disk.put(path, new TextEncoder().encode(content))
    return path
  }
  return { store: openLocalStorage({ root: '/store', fileSystem: disk.boot() }), write }
}
