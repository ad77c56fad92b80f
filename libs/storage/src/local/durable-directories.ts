import { dirname } from 'node:path'
import { codeOf } from './errors.ts'
import type { FileSystem } from './file-system.ts'

interface SyncState {
  running: Promise<void>
  next: Promise<void> | undefined
}

const CANNOT_SYNC: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'EINVAL', 'ENOTSUP', 'ENOENT', 'ENOTDIR'])

/**
 * Directories whose own names survive a power cut, and syncs of their entries that are shared: any number of callers
 * that wait for the same directory cost one sync, or two when one had already begun (it may have missed their entries).
 */
export class DurableDirectories {
  readonly #fs: FileSystem
  readonly #root: string
  readonly #known = new Map<string, Promise<void>>()
  /** Revision of a directory that is durable at least up to it. */
  readonly #settled = new Map<string, string>()
  readonly #syncs = new Map<string, SyncState>()

  constructor(fs: FileSystem, root: string) {
    this.#fs = fs
    this.#root = root
  }

  /**
   * Makes a directory and its parents, durably. One that was there is synced into its parent too, once: another process
   * may have made it and not have come to that.
   */
  ensure(path: string): Promise<void> {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const made = this.#make(path)
    this.#known.set(path, made)
    made.catch(() => this.#known.delete(path))
    return made
  }

  /** Somebody took the directory away: forgets it and all below it, so that `ensure` makes them again. */
  forget(path: string): void {
    for (const known of this.#known.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.#known.delete(known)
    }
    this.#settled.delete(path)
  }

  /** Resolves when all entries made before this call are durable. */
  sync(path: string): Promise<void> {
    const state = this.#syncs.get(path)
    if (state === undefined) return this.#startSync(path)
    state.next ??= state.running.then(
      () => this.#startSync(path),
      () => this.#startSync(path),
    )
    return state.next
  }

  /**
   * As `sync`, for those who only read: a directory that did not change since the last time is left alone (a sync costs
   * milliseconds even then), and so is one that they may not sync, or whose store cannot.
   */
  async settle(path: string): Promise<void> {
    try {
      const { revision } = await this.#fs.stat(path)
      if (revision !== undefined && this.#settled.get(path) === revision) return
      await this.sync(path)
      if (revision !== undefined) this.#settled.set(path, revision)
    } catch (error) {
      if (!CANNOT_SYNC.has(codeOf(error))) throw error
    }
  }

  async #make(path: string): Promise<void> {
    const parent = dirname(path)
    if (parent === path) return
    if (!path.startsWith(`${this.#root}/`) && (await this.#isDirectory(path))) {
      if (path === this.#root) await this.settle(parent)
      return
    }
    await this.ensure(parent)
    try {
      await this.#fs.makeDirectory(path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      // Taken away again meanwhile: `stat` says ENOENT, and the caller may begin anew.
      const found = await this.#fs.stat(path)
      if (found.kind !== 'directory') throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
    }
    await this.sync(parent)
  }

  async #isDirectory(path: string): Promise<boolean> {
    try {
      return (await this.#fs.stat(path)).kind === 'directory'
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  #startSync(path: string): Promise<void> {
    const state: SyncState = { running: this.#fs.syncDirectory(path), next: undefined }
    this.#syncs.set(path, state)
    const settle = (): void => {
      if (state.next === undefined && this.#syncs.get(path) === state) this.#syncs.delete(path)
    }
    state.running.then(settle, settle)
    return state.running
  }
}
