import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { comparePaths, joinPath, storagePath } from '../path.ts'
import {
  type LocalFile,
  type ObjectMeta,
  type StagedObject,
  type StorageAdapter,
  StorageError,
  type StoragePath,
} from '../port.ts'
import { probeStore } from '../probe.ts'
import { checkRange, type ReadRange } from '../range.ts'

/** Where `stage` takes local files from and `download` puts them: the disk unless a simulator says otherwise. */
export interface LocalFiles {
  read(path: string): Promise<Uint8Array>
  write(path: string, bytes: Uint8Array): Promise<void>
}

export interface MemoryStorageOptions {
  readonly localFiles?: LocalFiles
  /** For messages. */
  readonly name?: string
}

/** What a memory store holds. Several adapters may share one: they are then clients of the same store. */
export interface MemoryStore {
  readonly objects: Map<StoragePath, Uint8Array>
  /** By handle. */
  readonly staged: Map<string, StagedEntry>
}

export interface StagedEntry {
  readonly object: StagedObject
  readonly bytes: Uint8Array
}

export function memoryStore(): MemoryStore {
  return { objects: new Map(), staged: new Map() }
}

/**
 * The port over two maps. Every verb takes effect in one synchronous step before its promise is returned (`stage` after
 * its file was read), so that a scheduler which decides when to call decides the order of effects. Deterministic.
 */
export function openMemoryStorage(store: MemoryStore = memoryStore(), options: MemoryStorageOptions = {}) {
  return new MemoryStorage(store, options) as StorageAdapter
}

const disk: LocalFiles = {
  read: async (path) => new Uint8Array(await readFile(path)),
  write: (path, bytes) => writeFile(path, bytes),
}

/** Keeps the names of probes apart, also of adapters that share a store. */
let probes = 0

class MemoryStorage implements StorageAdapter {
  readonly scheme = 'memory'
  readonly location: string
  readonly #store: MemoryStore
  readonly #localFiles: LocalFiles

  constructor(store: MemoryStore, options: MemoryStorageOptions) {
    this.#store = store
    this.#localFiles = options.localFiles ?? disk
    this.location = `memory:${options.name ?? ''}`
  }

  async probe(under: StoragePath, signal?: AbortSignal): Promise<void> {
    const files = new Map<string, Uint8Array>()
    const twin = new MemoryStorage(this.#store, {
      localFiles: { read: async (path) => files.get(path)!, write: disk.write },
    })
    const makeFile = async (bytes: Uint8Array) => {
      const path = `probe-${files.size}`
      files.set(path, bytes)
      return { path, bytes: bytes.length, sha256: sha256Hex(bytes), remove: async () => undefined }
    }
    probes += 1
    await probeStore(twin, under, String(probes), makeFile, signal)
  }

  async head(path: StoragePath, signal?: AbortSignal): Promise<ObjectMeta | undefined> {
    signal?.throwIfAborted()
    const bytes = this.#store.objects.get(storagePath(path))
    return bytes === undefined ? undefined : { path, bytes: bytes.length }
  }

  async read(path: StoragePath, range?: ReadRange, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    checkRange(range)
    const bytes = this.#store.objects.get(storagePath(path))
    if (bytes === undefined) throw notFound(path)
    return bytes.slice(range?.start, range?.end)
  }

  async download(path: StoragePath, localPath: string, signal?: AbortSignal): Promise<void> {
    await this.#localFiles.write(localPath, await this.read(path, undefined, signal))
  }

  async *list(prefix: StoragePath, after?: StoragePath, signal?: AbortSignal): AsyncGenerator<ObjectMeta> {
    signal?.throwIfAborted()
    const below = `${storagePath(prefix)}/`
    const found = [...this.#store.objects.keys()]
      .filter((path) => path.startsWith(below) && (after === undefined || comparePaths(path, after) > 0))
      .sort(comparePaths)
    for (const path of found) {
      signal?.throwIfAborted()
      const bytes = this.#store.objects.get(path)
      if (bytes !== undefined) yield { path, bytes: bytes.length }
    }
  }

  async createIfAbsent(path: StoragePath, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    signal?.throwIfAborted()
    if (this.#store.objects.has(storagePath(path))) return 'exists'
    this.#store.objects.set(path, bytes.slice())
    return 'created'
  }

  async stage(
    file: LocalFile,
    target: StoragePath,
    stagingDir: StoragePath,
    attempt: string,
    signal?: AbortSignal,
  ): Promise<StagedObject> {
    signal?.throwIfAborted()
    const handle = `${joinPath(stagingDir, attempt)}/${encodeURIComponent(storagePath(target))}`
    const bytes = (await this.#localFiles.read(file.path)).slice()
    signal?.throwIfAborted()
    if (bytes.length !== file.bytes || sha256Hex(bytes) !== file.sha256) {
      throw new StorageError('corrupt', file.path, `the local file ${file.path} changed: it has ${bytes.length} bytes`)
    }
    const object = { handle, target, bytes: bytes.length, sha256: file.sha256 }
    this.#store.staged.set(handle, { object, bytes })
    return object
  }

  async publish(object: StagedObject, signal?: AbortSignal): Promise<'published' | 'already'> {
    signal?.throwIfAborted()
    const { objects, staged } = this.#store
    const target = storagePath(object.target)
    const [entry, found] = [staged.get(object.handle), objects.get(target)]
    if (found !== undefined) {
      if (found.length !== object.bytes || sha256Hex(found) !== object.sha256) {
        throw new StorageError('corrupt', target, `${JSON.stringify(target)} holds other bytes`)
      }
      staged.delete(object.handle)
      return 'already'
    }
    if (entry === undefined) {
      const message = `neither the staged object nor its target ${JSON.stringify(target)} is there`
      throw new StorageError('not_found', target, message)
    }
    objects.set(target, entry.bytes)
    staged.delete(object.handle)
    return 'published'
  }

  async discard(object: StagedObject, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#store.staged.delete(object.handle)
  }

  async *listStaged(stagingDir: StoragePath, signal?: AbortSignal): AsyncGenerator<StagedObject> {
    signal?.throwIfAborted()
    const below = `${storagePath(stagingDir)}/`
    for (const { object } of [...this.#store.staged.values()]) {
      if (object.handle.startsWith(below)) yield object
    }
  }

  async remove(path: StoragePath, signal?: AbortSignal): Promise<'removed' | 'absent'> {
    signal?.throwIfAborted()
    return this.#store.objects.delete(storagePath(path)) ? 'removed' : 'absent'
  }

  async close(): Promise<void> {}
}

function notFound(path: StoragePath): StorageError {
  return new StorageError('not_found', path, `there is no object ${JSON.stringify(path)}`)
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
