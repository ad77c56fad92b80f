import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { isStoragePath, joinPath, segmentFault, storagePath } from '../path.ts'
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
import { DurableDirectories } from './durable-directories.ts'
import { cannotLink, codeOf, localError } from './errors.ts'
import type { FileStat, FileSystem } from './file-system.ts'
import { copyDurably, readRange, sha256Of, syncFile, withFile, writeDurably } from './files.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { parseStagedName, stagedName } from './staged-name.ts'
import { walk } from './walk.ts'

const DIRECTORY_RETRIES_MAX = 3

export interface LocalStorageOptions {
  /** Absolute folder; made on the first write. */
  readonly root: string
  readonly fileSystem?: FileSystem
  /** Hex digits, unpredictable: `bytes * 2` of them. */
  readonly randomHex?: (bytes: number) => string
}

/** Opens a folder of a local disk. Touches nothing until the first verb. */
export function openLocalStorage(options: LocalStorageOptions): StorageAdapter {
  return new LocalStorage(options)
}

class LocalStorage implements StorageAdapter {
  readonly scheme = 'file'
  readonly location: string
  readonly #root: string
  readonly #fs: FileSystem
  readonly #directories: DurableDirectories
  readonly #randomHex: (bytes: number) => string
  /** Local files whose sync failed: the kernel may call their lost pages clean, so a second sync proves nothing. */
  readonly #unsynced = new Set<string>()

  constructor(options: LocalStorageOptions) {
    this.#root = resolve(options.root)
    this.location = `file://${this.#root}`
    this.#fs = options.fileSystem ?? nodeFileSystem
    this.#directories = new DurableDirectories(this.#fs, this.#root)
    this.#randomHex = options.randomHex ?? ((bytes) => randomBytes(bytes).toString('hex'))
  }

  async probe(under: StoragePath, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#probeDisk(under)
    const makeFile = async (bytes: Uint8Array) => {
      const path = this.#temporaryName(this.#absolute(under))
      await writeDurably(this.#fs, path, bytes)
      const sha256 = await sha256Of(this.#fs, path)
      return { path, bytes: bytes.length, sha256, remove: () => this.#fs.unlink(path) }
    }
    await probeStore(this, under, this.#randomHex(8), makeFile, signal)
  }

  async head(path: StoragePath, signal?: AbortSignal): Promise<ObjectMeta | undefined> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    const found = await this.#statFile(absolute, path)
    if (found === undefined) return undefined
    await this.#settle(absolute, path)
    return { path, bytes: found.bytes }
  }

  async read(path: StoragePath, range?: ReadRange, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    checkRange(range)
    const absolute = this.#absolute(path)
    try {
      const found = await this.#statFile(absolute, path)
      if (found === undefined) throw notFound(path)
      const end = Math.min(found.bytes, range?.end ?? found.bytes)
      const bytes = await withFile(this.#fs, absolute, 'read', (file) => readRange(file, range?.start ?? 0, end))
      if (range === undefined) await this.#settle(absolute, path)
      return bytes
    } catch (error) {
      throw localError(error, path, 'read')
    }
  }

  async download(path: StoragePath, localPath: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    if ((await this.#statFile(absolute, path)) === undefined) throw notFound(path)
    const partial = this.#temporaryName(dirname(localPath))
    try {
      await copyDurably(this.#fs, absolute, partial, signal)
      await this.#fs.rename(partial, localPath)
    } catch (error) {
      await this.#unlinkQuietly(partial)
      throw faultOf(error, path, `download to ${localPath}`, signal)
    }
  }

  async *list(prefix: StoragePath, after?: StoragePath, signal?: AbortSignal): AsyncGenerator<ObjectMeta> {
    signal?.throwIfAborted()
    this.#absolute(prefix)
    const onDirectory = (path: string): Promise<void> => this.#directories.settle(path)
    try {
      for await (const file of walk(this.#fs, this.#root, prefix, { after, reserved: 'hide', signal, onDirectory })) {
        if (isStoragePath(file.path)) yield { path: file.path, bytes: file.bytes }
      }
    } catch (error) {
      throw faultOf(error, prefix, 'list', signal)
    }
  }

  /**
   * A whole, synced temporary file gets its name by link(2), which excludes. `exists` is answered only when the other's
   * record is durable too, because the caller goes on from it.
   */
  async createIfAbsent(path: StoragePath, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    const directory = dirname(absolute)
    const temporary = this.#temporaryName(directory)
    try {
      const answer = await this.#withDirectory(directory, async () => {
        await writeDurably(this.#fs, temporary, bytes)
        signal?.throwIfAborted()
        return this.#linkNew(temporary, absolute, path)
      })
      await this.#unlinkQuietly(temporary)
      await this.#directories.sync(directory).catch((cause: unknown) => {
        const message = `the record ${JSON.stringify(path)} was written, but its directory could not be synced`
        throw new StorageError('ambiguous_write', path, message, cause)
      })
      return answer
    } catch (error) {
      await this.#unlinkQuietly(temporary)
      throw faultOf(error, path, 'create', signal)
    }
  }

  /**
   * Gives the local file a second name in staging where the two are on one file system (the bytes are not copied: the
   * file must not be changed afterwards), else copies it. The local file stays; it is the caller's to delete.
   */
  async stage(
    file: LocalFile,
    target: StoragePath,
    stagingDir: StoragePath,
    attempt: string,
    signal?: AbortSignal,
  ): Promise<StagedObject> {
    signal?.throwIfAborted()
    this.#absolute(target)
    const handle = `${joinPath(stagingDir, attempt)}/${stagedName(target, file.sha256)}`
    const absolute = `${this.#root}/${handle}`
    const directory = dirname(absolute)
    try {
      const local = await this.#fs.stat(file.path)
      if (local.kind !== 'file' || local.bytes !== file.bytes) throw changed(file, `${local.bytes} bytes`)
      await this.#withDirectory(directory, () => this.#placeStaged(file, local, absolute, signal))
      await this.#directories.sync(directory)
      return { handle, target, bytes: file.bytes, sha256: file.sha256 }
    } catch (error) {
      await this.#removeStaged(absolute).catch(() => undefined)
      throw faultOf(error, target, `stage ${file.path} for`, signal)
    }
  }

  /** Links the staged file to its target, makes that name durable, and only then takes the staged name away. */
  async publish(object: StagedObject, signal?: AbortSignal): Promise<'published' | 'already'> {
    signal?.throwIfAborted()
    const staged = this.#stagedPath(object)
    const target = this.#absolute(object.target)
    try {
      const source = await this.#statOf(staged)
      if (source !== undefined && source.bytes !== object.bytes) {
        throw corrupt(object, `the staged file has ${source.bytes} bytes, not ${object.bytes}`)
      }
      const answer = source === undefined ? 'already' : await this.#linkTarget(staged, target)
      if (answer === 'already') await this.#checkTarget(object, target, source, signal)
      await this.#directories.sync(dirname(target))
      await this.#removeStaged(staged)
      return answer
    } catch (error) {
      throw faultOf(error, object.target, 'publish', signal)
    }
  }

  async discard(object: StagedObject, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    try {
      await this.#removeStaged(this.#stagedPath(object))
    } catch (error) {
      throw localError(error, object.target, 'discard what was staged for')
    }
  }

  async *listStaged(stagingDir: StoragePath, signal?: AbortSignal): AsyncGenerator<StagedObject> {
    signal?.throwIfAborted()
    this.#absolute(stagingDir)
    try {
      for await (const file of walk(this.#fs, this.#root, stagingDir, { reserved: 'show', signal })) {
        const name = parseStagedName(file.path)
        if (name !== undefined) yield { handle: file.path, bytes: file.bytes, ...name }
      }
    } catch (error) {
      throw faultOf(error, stagingDir, 'list what is staged in', signal)
    }
  }

  async remove(path: StoragePath, signal?: AbortSignal): Promise<'removed' | 'absent'> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    try {
      if ((await this.#statFile(absolute, path)) === undefined) return 'absent'
      if (!(await this.#unlinkIfThere(absolute))) return 'absent'
      await this.#directories.sync(dirname(absolute))
      return 'removed'
    } catch (error) {
      throw localError(error, path, 'remove')
    }
  }

  async close(): Promise<void> {}

  /** The port's paths come from other code, and some of it from records: checked again where they become file names. */
  #absolute(path: StoragePath): string {
    return `${this.#root}/${storagePath(path)}`
  }

  /** A handle is read from a commit record; it may be longer than a storage path, and must stay below the root too. */
  #stagedPath(object: StagedObject): string {
    const fault = object.handle
      .split('/')
      .map(segmentFault)
      .find((found) => found !== undefined)
    if (fault !== undefined || parseStagedName(object.handle)?.target !== object.target) {
      const message = `the staged handle ${JSON.stringify(object.handle)} is not one of ${this.location} for its target`
      throw new StorageError('invalid_path', object.target, message)
    }
    return `${this.#root}/${object.handle}`
  }

  #temporaryName(directory: string): string {
    return `${directory}/.millrace-${this.#randomHex(8)}.tmp`
  }

  /** Runs with the directory there; again when somebody (a tidying publish, a person) took it away meanwhile. */
  async #withDirectory<T>(directory: string, use: () => Promise<T>): Promise<T> {
    for (let retries = DIRECTORY_RETRIES_MAX; ; retries -= 1) {
      try {
        await this.#directories.ensure(directory)
        return await use()
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || retries === 0) throw error
        this.#directories.forget(await this.#firstMissing(directory))
      }
    }
  }

  async #firstMissing(directory: string): Promise<string> {
    const parent = dirname(directory)
    if (directory === this.#root || (await this.#statOf(parent)) !== undefined) return directory
    return this.#firstMissing(parent)
  }

  /** A lost answer (NFS repeats a link whose reply it missed) is told from a lost race by the file's identity. */
  async #linkNew(temporary: string, absolute: string, path: StoragePath): Promise<'created' | 'exists'> {
    try {
      await this.#fs.link(temporary, absolute)
      return 'created'
    } catch (error) {
      if (cannotLink(error) || codeOf(error) === 'ENOENT') throw error
      const looks = Promise.all([this.#fs.stat(temporary), this.#statOf(absolute)])
      const [ours, found] = await looks.catch((cause: unknown) => {
        throw codeOf(cause) === 'ENOENT' ? cause : unansweredLink(cause, path)
      })
      if (found?.identity === ours.identity) return 'created'
      if (codeOf(error) !== 'EEXIST') throw unansweredLink(error, path)
      if (found?.kind === 'directory') {
        throw new StorageError('invalid_path', path, `${JSON.stringify(path)} is a directory`, error)
      }
      return 'exists'
    }
  }

  async #placeStaged(file: LocalFile, local: FileStat, absolute: string, signal?: AbortSignal): Promise<void> {
    await this.#unlinkIfThere(absolute)
    if (!this.#unsynced.has(local.identity) && (await this.#linkStaged(file.path, absolute))) {
      try {
        await syncFile(this.#fs, absolute)
        return
      } catch {
        this.#unsynced.add(local.identity)
        await this.#unlinkIfThere(absolute)
      }
    }
    const copied = await copyDurably(this.#fs, file.path, absolute, signal)
    if (copied !== file.sha256) throw changed(file, `SHA-256 ${copied}`)
  }

  async #linkStaged(local: string, staged: string): Promise<boolean> {
    try {
      await this.#fs.link(local, staged)
      return true
    } catch (error) {
      if (cannotLink(error)) return false
      throw error
    }
  }

  async #linkTarget(staged: string, target: string): Promise<'published' | 'already'> {
    try {
      await this.#withDirectory(dirname(target), () => this.#fs.link(staged, target))
      return 'published'
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'already'
      // Another publisher of the same object may have finished between our look and our link.
      if (codeOf(error) === 'ENOENT' && (await this.#statOf(staged)) === undefined) return 'already'
      throw error
    }
  }

  async #checkTarget(object: StagedObject, target: string, source: FileStat | undefined, signal?: AbortSignal) {
    const found = await this.#statOf(target)
    if (found === undefined) {
      const message = `neither the staged file nor its target ${JSON.stringify(object.target)} is there`
      throw new StorageError('not_found', object.target, message)
    }
    if (found.identity === source?.identity) return
    if (found.kind !== 'file') throw corrupt(object, 'it is not a file')
    if (found.bytes !== object.bytes) throw corrupt(object, `it has ${found.bytes} bytes, not ${object.bytes}`)
    if ((await sha256Of(this.#fs, target, signal)) !== object.sha256) throw corrupt(object, 'its SHA-256 is another')
  }

  /** Empty staging directories (the attempt's, and the one it is in) would pile up, two per batch. */
  async #removeStaged(staged: string): Promise<void> {
    await this.#unlinkIfThere(staged)
    let directory = dirname(staged)
    while (directory.slice(directory.lastIndexOf('/') + 1).startsWith('~')) {
      if (!(await this.#removeEmpty(directory))) return
      directory = dirname(directory)
    }
    if (await this.#removeEmpty(directory)) await this.#removeEmpty(dirname(directory))
  }

  async #removeEmpty(directory: string): Promise<boolean> {
    try {
      await this.#fs.removeDirectory(directory)
    } catch {
      return false
    }
    this.#directories.forget(directory)
    return true
  }

  async #statOf(absolute: string): Promise<FileStat | undefined> {
    try {
      return await this.#fs.stat(absolute)
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
      throw error
    }
  }

  async #statFile(absolute: string, path: StoragePath): Promise<FileStat | undefined> {
    try {
      const found = await this.#statOf(absolute)
      return found?.kind === 'file' ? found : undefined
    } catch (error) {
      throw localError(error, path, 'look at')
    }
  }

  /** What is seen must not vanish in a power cut after somebody acted on it: its name may be another's unsynced one. */
  async #settle(absolute: string, path: StoragePath): Promise<void> {
    try {
      await this.#directories.settle(dirname(absolute))
    } catch (error) {
      throw localError(error, path, 'sync the directory of')
    }
  }

  async #unlinkIfThere(absolute: string): Promise<boolean> {
    try {
      await this.#fs.unlink(absolute)
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
      throw error
    }
  }

  async #unlinkQuietly(absolute: string): Promise<void> {
    await this.#fs.unlink(absolute).catch(() => undefined)
  }

  /** Hard links and directory syncs first, so that a file system without them is named as what it is. */
  async #probeDisk(under: StoragePath): Promise<void> {
    const directory = this.#absolute(under)
    const [one, two] = [this.#temporaryName(directory), this.#temporaryName(directory)]
    try {
      await this.#withDirectory(directory, () => writeDurably(this.#fs, one, new Uint8Array(1)))
      try {
        await this.#fs.link(one, two)
        await this.#directories.sync(directory)
      } catch (cause) {
        const known = cannotLink(cause) || codeOf(cause) === 'EINVAL'
        if (!known) throw cause
        const fact = `no hard links or no directory sync there (${codeOf(cause)}), as on some network and FUSE mounts`
        const message = `${this.location} cannot keep exactly-once: ${fact}`
        throw new StorageError('unsafe_store', under, message, cause)
      }
    } catch (error) {
      throw localError(error, under, 'write in')
    } finally {
      await this.#unlinkQuietly(one)
      await this.#unlinkQuietly(two)
    }
  }
}

/** The caller's own reason when it aborted, else the error by its meaning. */
function faultOf(error: unknown, path: string, doing: string, signal: AbortSignal | undefined): unknown {
  return signal?.aborted === true && error === signal.reason ? error : localError(error, path, doing)
}

function notFound(path: StoragePath): StorageError {
  return new StorageError('not_found', path, `there is no object ${JSON.stringify(path)}`)
}

/** A link that failed without a reason may still land, on a network mount. */
function unansweredLink(error: unknown, path: string): StorageError {
  const fault = localError(error, path, 'create')
  return fault.kind === 'unavailable' ? new StorageError('ambiguous_write', path, fault.message, error) : fault
}

function changed(file: LocalFile, found: string): StorageError {
  const expected = `${file.bytes} bytes with SHA-256 ${file.sha256}`
  const message = `the local file ${file.path} changed: ${found}, expected ${expected}`
  return new StorageError('corrupt', file.path, message)
}

function corrupt(object: StagedObject, fact: string): StorageError {
  return new StorageError('corrupt', object.target, `${JSON.stringify(object.target)} holds other bytes: ${fact}`)
}
