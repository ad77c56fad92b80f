import {
  type LocalFile,
  type ObjectMeta,
  type StagedObject,
  type StorageAdapter,
  StorageError,
  type StoragePath,
} from '@millrace/storage'
import type { Process } from './scheduler.ts'
import { sha256Text, type World } from './world.ts'

/** Faults of a store that the protocol must not be run on, or must not be: each is a mutant. */
export interface StoreFaults {
  /** Accepts create-if-absent and overwrites. */
  readonly ignoresCondition?: boolean
  /** Stages right where readers look. */
  readonly stagesInPlace?: boolean
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * One process's view of the simulated store. Every call is a scheduling point, and may fail before it is done, be done
 * and not answered, or be done at any later time.
 */
export class SimulatedStore implements StorageAdapter {
  readonly scheme = 'memory'
  readonly location = 'sim:'
  readonly #world: World
  readonly #process: Process
  readonly #faults: StoreFaults

  constructor(world: World, process: Process, faults: StoreFaults = {}) {
    this.#world = world
    this.#process = process
    this.#faults = faults
  }

  async #read<T>(operation: string, path: string, act: () => T): Promise<T> {
    const world = this.#world
    await world.scheduler.ticket(this.#process, operation)
    if (world.faults && world.random() < 0.03) {
      world.counters.failedBefore++
      world.note(`${this.#process.name} ${operation} FAILS`)
      throw new StorageError('unavailable', path, 'simulated')
    }
    return act()
  }

  async #write<T>(operation: string, path: string, act: () => T): Promise<T> {
    const world = this.#world
    const change = (): T => {
      world.changes++
      return act()
    }
    await world.scheduler.ticket(this.#process, operation)
    const chance = world.faults ? world.random() : 1
    if (chance < 0.03) {
      world.counters.failedBefore++
      world.note(`${this.#process.name} ${operation} FAILS`)
      throw new StorageError('unavailable', path, 'simulated: not done')
    }
    if (chance < 0.06) {
      world.counters.ambiguous++
      world.note(`${this.#process.name} ${operation} DONE, NO ANSWER`)
      change()
      throw new StorageError('ambiguous_write', path, 'simulated: no answer')
    }
    if (chance < 0.09) {
      world.counters.late++
      world.note(`${this.#process.name} ${operation} LATE`)
      world.delayed.push(() => {
        world.note(`${operation} of ${this.#process.name} lands`)
        try {
          change()
        } catch (error) {
          if (!(error instanceof StorageError)) throw error
        }
      })
      throw new StorageError('ambiguous_write', path, 'simulated: no answer yet')
    }
    return change()
  }

  async probe(): Promise<void> {}

  head(path: StoragePath): Promise<ObjectMeta | undefined> {
    return this.#read(`head ${path}`, path, () => {
      const content = this.#world.objects.get(path)
      return content === undefined ? undefined : { path, bytes: content.length }
    })
  }

  read(path: StoragePath, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    return this.#read(`read ${path}`, path, () => {
      const content = this.#world.objects.get(path)
      if (content === undefined) throw new StorageError('not_found', path, 'not found')
      const bytes = encoder.encode(content)
      return range === undefined ? bytes : bytes.slice(range.start, range.end)
    })
  }

  download(path: StoragePath, localPath: string): Promise<void> {
    return this.#read(`download ${path}`, path, () => {
      const content = this.#world.objects.get(path)
      if (content === undefined) throw new StorageError('not_found', path, 'not found')
      this.#world.local.set(localPath, content)
    })
  }

  async *list(prefix: StoragePath, after?: StoragePath): AsyncGenerator<ObjectMeta> {
    const found = await this.#read(`list ${prefix}`, prefix, () =>
      [...this.#world.objects]
        .filter(([path]) => path.startsWith(`${prefix}/`) && (after === undefined || path > after))
        .map(([path, content]) => ({ path: path as StoragePath, bytes: content.length }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    )
    yield* found
  }

  createIfAbsent(path: StoragePath, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return this.#write(`create ${path}`, path, () => {
      if (this.#world.objects.has(path) && this.#faults.ignoresCondition !== true) return 'exists'
      this.#world.objects.set(path, decoder.decode(bytes))
      return 'created'
    })
  }

  /** Not of the port: what a design without create-if-absent would use. */
  overwrite(path: StoragePath, content: string): Promise<void> {
    return this.#write(`overwrite ${path}`, path, () => {
      this.#world.objects.set(path, content)
    })
  }

  stage(file: LocalFile, target: StoragePath, stagingDir: StoragePath, attempt: string): Promise<StagedObject> {
    const handle = `${stagingDir}/${attempt}/${target.replaceAll('/', '%2F')}`
    const content = this.#world.local.get(file.path) ?? ''
    const sha256 = sha256Text(content)
    return this.#write(`stage ${handle}`, target, () => {
      if (this.#faults.stagesInPlace) this.#world.objects.set(target, content)
      else this.#world.staged.set(handle, { target, content, sha256 })
      return { handle, target, bytes: content.length, sha256 }
    })
  }

  publish(object: StagedObject): Promise<'published' | 'already'> {
    return this.#write(`publish ${object.target}`, object.target, () => {
      const there = this.#world.objects.get(object.target)
      if (there !== undefined) {
        if (sha256Text(there) !== object.sha256) throw new StorageError('corrupt', object.target, 'other bytes')
        this.#world.staged.delete(object.handle)
        return 'already'
      }
      const staged = this.#world.staged.get(object.handle)
      if (staged === undefined) throw new StorageError('not_found', object.target, 'staged object is gone')
      if (staged.sha256 !== object.sha256) throw new StorageError('corrupt', object.target, 'staged bytes differ')
      this.#world.objects.set(object.target, staged.content)
      this.#world.staged.delete(object.handle)
      return 'published'
    })
  }

  discard(object: StagedObject): Promise<void> {
    return this.#write(`discard ${object.handle}`, object.target, () => {
      if (this.#world.staged.delete(object.handle)) this.#world.counters.vacuumed++
    })
  }

  async *listStaged(stagingDir: StoragePath): AsyncGenerator<StagedObject> {
    const found = await this.#read(`list ${stagingDir}`, stagingDir, () =>
      [...this.#world.staged].map(([handle, { target, content, sha256 }]) => ({
        handle,
        target: target as StoragePath,
        bytes: content.length,
        sha256,
      })),
    )
    yield* found.filter(({ handle }) => handle.startsWith(`${stagingDir}/`))
  }

  remove(path: StoragePath): Promise<'removed' | 'absent'> {
    return this.#write(`remove ${path}`, path, () => (this.#world.objects.delete(path) ? 'removed' : 'absent'))
  }

  async close(): Promise<void> {}
}
