import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { localError } from '../local/errors.ts'
import { parseStagedName } from '../local/staged-name.ts'
import { isStoragePath, storagePath } from '../path.ts'
import {
  type LocalFile,
  type ObjectMeta,
  type StagedObject,
  type StorageAdapter,
  StorageError,
  type StoragePath,
} from '../port.ts'
import { type ProbeFile, probeStore } from '../probe.ts'
import { checkRange, type ReadRange } from '../range.ts'
import { HdfsClient, type HdfsStatus } from './client.ts'
import { cannot, HdfsError } from './errors.ts'
import { checkLocal, receiveFile, sendFile } from './local-files.ts'
import type { HdfsStorageOptions } from './options.ts'
import { createByRename, publishByRename, uploadNew } from './rename.ts'
import { ownDirectory, stagedHandle } from './staged.ts'
import { encodedPath, namenodeOrigin } from './url.ts'
import { walk } from './walk.ts'

/**
 * Opens a directory of HDFS, over WebHDFS. Touches nothing until the first verb. Throws StorageError `invalid_path` for
 * a root or a NameNode's address that cannot be.
 */
export function openHdfsStorage(options: HdfsStorageOptions): StorageAdapter {
  return new HdfsStorage(options)
}

class HdfsStorage implements StorageAdapter {
  readonly scheme = 'hdfs'
  readonly location: string
  readonly #root: string
  readonly #client: HdfsClient
  readonly #randomHex: (bytes: number) => string

  constructor(options: HdfsStorageOptions) {
    this.#root = rootOf(options.root)
    const first = new URL(namenodeOrigin(options.namenodes[0] ?? ''))
    const scheme = first.protocol === 'https:' ? 'swebhdfs' : 'webhdfs'
    this.location = `${scheme}://${first.host}${encodedPath(this.#root)}`
    this.#client = new HdfsClient(options)
    this.#randomHex = options.randomHex ?? ((bytes) => randomBytes(bytes).toString('hex'))
  }

  async probe(under: StoragePath, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const folder = await mkdtemp(join(tmpdir(), 'millrace-probe-'))
    try {
      await probeStore(this, under, this.#randomHex(8), (bytes) => this.#probeFile(folder, bytes), signal)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async head(path: StoragePath, signal?: AbortSignal): Promise<ObjectMeta | undefined> {
    signal?.throwIfAborted()
    const found = await this.#client.status(this.#absolute(path), signal)
    return found?.kind === 'file' ? { path, bytes: found.bytes } : undefined
  }

  async read(path: StoragePath, range?: ReadRange, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    checkRange(range)
    const absolute = this.#absolute(path)
    if (range !== undefined && range.end > range.start) {
      const found = await this.#readRange(absolute, range, signal)
      if (found?.length === range.end - range.start) return found
    }
    // Short, or whole: its length decides, because a connection that is cut may look like the end.
    const { bytes } = await this.#fileAt(absolute, signal)
    const start = Math.min(bytes, range?.start ?? 0)
    const end = Math.min(bytes, range?.end ?? bytes)
    if (end <= start) return new Uint8Array()
    const found = await this.#readRange(absolute, { start, end }, signal)
    if (found?.length === end - start) return found
    throw cutShort(absolute, found?.length ?? 0, end - start)
  }

  async download(path: StoragePath, localPath: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    const { bytes } = await this.#fileAt(absolute, signal)
    const partial = join(dirname(localPath), `.millrace-${this.#randomHex(8)}.tmp`)
    try {
      const chunks = bytes === 0 ? noChunks() : await this.#client.open(absolute, 0, bytes, signal)
      const received = await receiveFile(chunks, partial, localPath, bytes)
      if (received !== bytes) throw cutShort(absolute, received, bytes)
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      throw localError(error, path, `download to ${localPath}`)
    }
  }

  async *list(prefix: StoragePath, after?: StoragePath, signal?: AbortSignal): AsyncGenerator<ObjectMeta> {
    signal?.throwIfAborted()
    this.#absolute(prefix)
    for await (const file of walk(this.#client, this.#base, prefix, { after, reserved: 'hide', signal })) {
      if (isStoragePath(file.path)) yield { path: file.path, bytes: file.bytes }
    }
  }

  async createIfAbsent(path: StoragePath, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    signal?.throwIfAborted()
    const target = this.#absolute(path)
    const temporary = `${dirname(target)}/.millrace-${this.#randomHex(8)}.tmp`
    return createByRename(this.#client, temporary, target, bytes, signal)
  }

  async stage(
    file: LocalFile,
    target: StoragePath,
    stagingDir: StoragePath,
    attempt: string,
    signal?: AbortSignal,
  ): Promise<StagedObject> {
    signal?.throwIfAborted()
    this.#absolute(target)
    const handle = stagedHandle(stagingDir, attempt, this.#randomHex(8), target, file.sha256)
    const object = { handle, target, bytes: file.bytes, sha256: file.sha256 }
    await checkLocal(file)
    try {
      await uploadNew(this.#client, `${this.#base}${handle}`, () => sendFile(file), file.bytes, signal)
    } catch (error) {
      await this.#removeStaged(object).catch(() => undefined)
      throw error
    }
    return object
  }

  async publish(object: StagedObject, signal?: AbortSignal): Promise<'published' | 'already'> {
    signal?.throwIfAborted()
    ownDirectory(object, this.location)
    const [staged, target] = [`${this.#base}${object.handle}`, this.#absolute(object.target)]
    const answer = await publishByRename(this.#client, object, staged, target, signal)
    // It is published: what is left is an empty directory, which a failure may leave.
    await this.#removeStaged(object).catch(() => undefined)
    return answer
  }

  async discard(object: StagedObject, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#removeStaged(object, signal)
  }

  async *listStaged(stagingDir: StoragePath, signal?: AbortSignal): AsyncGenerator<StagedObject> {
    signal?.throwIfAborted()
    this.#absolute(stagingDir)
    for await (const file of walk(this.#client, this.#base, stagingDir, { reserved: 'show', signal })) {
      const name = parseStagedName(file.path)
      if (name !== undefined) yield { handle: file.path, bytes: file.bytes, ...name }
    }
  }

  async remove(path: StoragePath, signal?: AbortSignal): Promise<'removed' | 'absent'> {
    signal?.throwIfAborted()
    const absolute = this.#absolute(path)
    const found = await this.#client.status(absolute, signal)
    if (found?.kind !== 'file') return 'absent'
    return (await this.#client.remove(absolute, false, signal)) ? 'removed' : 'absent'
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  /** What a path of the port is appended to. */
  get #base(): string {
    return this.#root === '/' ? '/' : `${this.#root}/`
  }

  /** The port's paths come from other code, and some of it from records: checked again where they leave us. */
  #absolute(path: StoragePath): string {
    const absolute = `${this.#base}${storagePath(path)}`
    // HDFS keeps it for itself, and refuses it with an error that names Java's internals.
    if (absolute.includes(':')) throw new StorageError('invalid_path', absolute, `HDFS allows no ":": ${absolute}`)
    return absolute
  }

  async #fileAt(absolute: string, signal?: AbortSignal): Promise<HdfsStatus> {
    const found = await this.#client.status(absolute, signal)
    if (found?.kind === 'file') return found
    throw new StorageError('not_found', absolute, cannot('read', absolute, 'there is no such file'))
  }

  /** As many bytes of the range as came; undefined where the range begins at or past the end. */
  async #readRange(absolute: string, range: ReadRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      const chunks = await this.#client.open(absolute, range.start, range.end - range.start, signal)
      return await collected(chunks)
    } catch (error) {
      if (error instanceof HdfsError && error.message.includes('out of the range [')) return undefined
      throw error
    }
  }

  /** The upload's own directory goes whole, and the one that it is in when it was the last. */
  async #removeStaged(object: StagedObject, signal?: AbortSignal): Promise<void> {
    const own = `${this.#base}${ownDirectory(object, this.location)}`
    await this.#client.remove(own, true, signal)
    await this.#client.remove(dirname(own), false, signal).catch(() => false)
  }

  async #probeFile(folder: string, bytes: Uint8Array): Promise<ProbeFile> {
    const path = join(folder, this.#randomHex(8))
    await writeFile(path, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { path, bytes: bytes.length, sha256, remove: () => rm(path) }
  }
}

function rootOf(text: string): string {
  const segments = text.split('/').filter((segment) => segment !== '')
  if (text.startsWith('/') && segments.length === 0) return '/'
  if (text.startsWith('/') && isStoragePath(segments.join('/'))) return `/${segments.join('/')}`
  throw new StorageError('invalid_path', text, `${JSON.stringify(text)} is not an absolute directory of HDFS`)
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}

function cutShort(absolute: string, received: number, bytes: number): HdfsError {
  const message = cannot('read', absolute, `${received} of ${bytes} bytes came before the connection ended`)
  return new HdfsError('unavailable', absolute, message)
}
