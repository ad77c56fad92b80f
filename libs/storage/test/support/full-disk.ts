import { nodeFileSystem } from '../../src/local/index.ts'
import type { FileSystem } from '../../src/local/index.ts'

export interface FaultyFileSystem {
  readonly fileSystem: FileSystem
  /** Operations that can fail so far, the failed ones included. */
  readonly attempts: number
  readonly failed: number
}

/** Which operations fail, from which on (counted from 1), and for how many. */
export interface FaultyOptions {
  readonly code: string
  readonly operations: readonly ('write' | 'sync' | 'link' | 'makeDirectory' | 'open' | 'syncDirectory')[]
  readonly from: number
  readonly count?: number
}

/** The real file system, with some operations failing as a full or broken disk does: half of a write arrives. */
export function faultyFileSystem(options: FaultyOptions): FaultyFileSystem {
  const { code, from, count = 1 } = options
  let [attempts, failed] = [0, 0]
  const strikes = (operation: FaultyOptions['operations'][number]): boolean => {
    if (!options.operations.includes(operation)) return false
    attempts += 1
    if (attempts < from || attempts >= from + count) return false
    failed += 1
    return true
  }
  const failure = (): Error => Object.assign(new Error(`${code}: injected`), { code })
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, mode) {
      if (mode === 'create' && strikes('open')) throw failure()
      const file = await nodeFileSystem.open(path, mode)
      return {
        ...file,
        async write(bytes) {
          if (!strikes('write')) return file.write(bytes)
          await file.write(bytes.subarray(0, bytes.length >> 1))
          throw failure()
        },
        async sync() {
          if (strikes('sync')) throw failure()
          await file.sync()
        },
      }
    },
    async link(existing, added) {
      if (strikes('link')) throw failure()
      await nodeFileSystem.link(existing, added)
    },
    async makeDirectory(path) {
      if (strikes('makeDirectory')) throw failure()
      await nodeFileSystem.makeDirectory(path)
    },
    async syncDirectory(path) {
      if (strikes('syncDirectory')) throw failure()
      await nodeFileSystem.syncDirectory(path)
    },
  }
  return {
    fileSystem,
    get attempts() {
      return attempts
    },
    get failed() {
      return failed
    },
  }
}
