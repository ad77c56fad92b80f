import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { comparePaths, isStoragePath, joinPath, storagePath } from '../path.ts'
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
import { Bucket, type HeadInfo } from './bucket.ts'
import { type S3ClientOptions, s3Clients } from './client.ts'
import { bytesOf, saveTo, sha256Of } from './content.ts'
import { s3Error, s3Fault, s3WriteError } from './errors.ts'
import { PartBuffers, planParts } from './parts.ts'
import { probeComplete, probeFile } from './probe.ts'
import { isMarkerPath, markerPath, parseHandle, parseMarker, printHandle, printMarker, type Upload } from './staged.ts'
import { changedFile, uploadParts } from './upload.ts'

const PART_BUFFERS_DEFAULT = 4
const KEY_BYTES_MAX = 1024
const MARKERS_AT_ONCE = 8
/** Tidying after an outcome that is already known may fail, and must not hold it up. */
const TIDY_MS_MAX = 10_000

export interface S3StorageOptions extends S3ClientOptions {
  readonly bucket: string
  /** Keys of the store begin with it and a `/`; empty or absent: the whole bucket. */
  readonly prefix?: string
  /** Parts (of 8 MiB, 16 MiB for files past 78 GiB) in memory at a time, of all uploads together. Default 4. */
  readonly partBuffers_max?: number
}

/** Opens a prefix of an S3 bucket. Sends nothing until the first verb. */
export function openS3Storage(options: S3StorageOptions): StorageAdapter {
  return new S3Storage(options)
}

class S3Storage implements StorageAdapter {
  readonly scheme = 's3'
  readonly location: string
  readonly #bucket: Bucket
  readonly #prefix: string
  readonly #buffers: PartBuffers
  /** Publishes under way by upload: some stores answer a completion that is sent twice with success both times. */
  readonly #publishing = new Map<string, Promise<unknown>>()

  constructor(options: S3StorageOptions) {
    this.#bucket = new Bucket(s3Clients(options), options.bucket)
    this.#prefix = options.prefix === undefined || options.prefix === '' ? '' : `${storagePath(options.prefix)}/`
    this.location = `s3://${options.bucket}/${this.#prefix}`.replace(/\/$/, '')
    this.#buffers = new PartBuffers(options.partBuffers_max ?? PART_BUFFERS_DEFAULT)
  }

  async probe(under: StoragePath, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const id = randomBytes(8).toString('hex')
    let files = 0
    const makeFile = (bytes: Uint8Array) => {
      files += 1
      return probeFile(`${id}-${files}`, bytes)
    }
    await probeStore(this, under, id, makeFile, signal)
    const path = joinPath(under, `probe-${id}-completed`)
    await this.#run(s3WriteError, path, 'complete an upload of', signal, () =>
      probeComplete(this.#bucket, this.#key(path), path, this.location, signal),
    )
  }

  async head(path: StoragePath, signal?: AbortSignal): Promise<ObjectMeta | undefined> {
    const found = await this.#run(s3Error, path, 'look at', signal, () => this.#bucket.head(this.#key(path), signal))
    return found === undefined ? undefined : { path, bytes: found.bytes }
  }

  async read(path: StoragePath, range?: ReadRange, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    checkRange(range)
    const key = this.#key(path)
    return this.#run(s3Error, path, 'read', signal, async () => {
      if (range === undefined) return bytesOf(path, await this.#bucket.get(key, undefined, signal), 'whole')
      if (range.start < range.end) return this.#readRange(path, range, signal)
      if ((await this.#bucket.head(key, signal)) === undefined) throw notFound(path)
      return new Uint8Array()
    })
  }

  async download(path: StoragePath, localPath: string, signal?: AbortSignal): Promise<void> {
    await this.#run(s3Error, path, `download to ${localPath}`, signal, async () => {
      const content = await this.#bucket.get(this.#key(path), undefined, signal)
      await saveTo(path, content, localPath, randomBytes(8).toString('hex'), signal)
    })
  }

  async *list(prefix: StoragePath, after?: StoragePath, signal?: AbortSignal): AsyncGenerator<ObjectMeta> {
    signal?.throwIfAborted()
    const start = after === undefined ? undefined : this.#key(after)
    let last: string | undefined
    try {
      for await (const { key, bytes } of this.#bucket.list(`${this.#key(prefix)}/`, start, signal)) {
        const path = key.slice(this.#prefix.length)
        if (last !== undefined && comparePaths(path, last) <= 0) throw unordered(this.location, last, path)
        last = path
        if (isStoragePath(path)) yield { path, bytes }
      }
    } catch (error) {
      throw faultOf(s3Error, error, prefix, 'list', signal)
    }
  }

  async createIfAbsent(path: StoragePath, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    return this.#run(s3WriteError, path, 'create', signal, () =>
      this.#bucket.putIfAbsent(this.#key(path), bytes, signal),
    )
  }

  /** Opens an upload at the final key, marks it in the staging directory, and sends the parts. */
  async stage(
    file: LocalFile,
    target: StoragePath,
    stagingDir: StoragePath,
    attempt: string,
    signal?: AbortSignal,
  ): Promise<StagedObject> {
    return this.#run(s3Error, target, `stage ${file.path} for`, signal, async () => {
      const key = this.#key(target)
      const found = (await stat(file.path)).size
      if (found !== file.bytes) throw changedFile(file, `it has ${found} bytes`)
      const { part_bytes, parts } = planParts(file.path, file.bytes)
      const uploadId = await this.#bucket.createUpload(key, file.sha256, signal)
      const marker = markerPath(stagingDir, attempt, { target, uploadId })
      const { bytes, sha256 } = file
      try {
        const record = printMarker({ target, uploadId, bytes, sha256, part_bytes })
        await this.#bucket.put(this.#markerKey(marker), record, signal)
        const sent = await uploadParts(this.#bucket, this.#buffers, file, { key, uploadId, part_bytes, parts }, signal)
        return { handle: printHandle({ marker, uploadId, part_bytes, parts: sent }), target, bytes, sha256 }
      } catch (error) {
        await this.#drop(key, { marker, uploadId }, AbortSignal.timeout(TIDY_MS_MAX)).catch(() => undefined)
        throw error
      }
    })
  }

  /** Looks first, then completes on condition, so that only a race is left to the condition. */
  async publish(object: StagedObject, signal?: AbortSignal): Promise<'published' | 'already'> {
    signal?.throwIfAborted()
    const upload = parseHandle(object)
    const before = this.#publishing.get(upload.uploadId)
    const run = async (): Promise<'published' | 'already'> => {
      await before?.catch(() => undefined)
      return this.#run(s3WriteError, object.target, 'publish', signal, () => this.#publishOnce(object, upload, signal))
    }
    const publishing = run()
    this.#publishing.set(upload.uploadId, publishing)
    try {
      return await publishing
    } finally {
      if (this.#publishing.get(upload.uploadId) === publishing) this.#publishing.delete(upload.uploadId)
    }
  }

  async discard(object: StagedObject, signal?: AbortSignal): Promise<void> {
    const upload = parseHandle(object)
    await this.#run(s3Error, object.target, 'discard what was staged for', signal, () =>
      this.#drop(this.#key(object.target), upload, signal),
    )
  }

  async *listStaged(stagingDir: StoragePath, signal?: AbortSignal): AsyncGenerator<StagedObject> {
    signal?.throwIfAborted()
    try {
      let markers: string[] = []
      for await (const { key } of this.#bucket.list(`${this.#key(stagingDir)}/`, undefined, signal)) {
        if (isMarkerPath(key)) markers.push(key.slice(this.#prefix.length))
        if (markers.length < MARKERS_AT_ONCE) continue
        yield* await this.#stagedOf(markers, signal)
        markers = []
      }
      yield* await this.#stagedOf(markers, signal)
    } catch (error) {
      throw faultOf(s3Error, error, stagingDir, 'list what is staged in', signal)
    }
  }

  /** S3 does not say whether there was something: looked at first, and so a race of two removers may tell both. */
  async remove(path: StoragePath, signal?: AbortSignal): Promise<'removed' | 'absent'> {
    return this.#run(s3Error, path, 'remove', signal, async () => {
      if ((await this.#bucket.head(this.#key(path), signal)) === undefined) return 'absent'
      await this.#bucket.delete(this.#key(path), signal)
      return 'removed'
    })
  }

  async close(): Promise<void> {
    this.#bucket.close()
  }

  /** The port's paths come from other code, and some of it from records: checked again where they become keys. */
  #key(path: StoragePath): string {
    const key = `${this.#prefix}${storagePath(path)}`
    if (Buffer.byteLength(key) <= KEY_BYTES_MAX) return key
    throw new StorageError('invalid_path', path, `${JSON.stringify(key)} is longer than ${KEY_BYTES_MAX} bytes`)
  }

  #markerKey(marker: string): string {
    return `${this.#prefix}${marker}`
  }

  async #run<T>(
    meaning: typeof s3Error,
    path: string,
    doing: string,
    signal: AbortSignal | undefined,
    use: () => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    try {
      return await use()
    } catch (error) {
      throw faultOf(meaning, error, path, doing, signal)
    }
  }

  async #readRange(path: StoragePath, range: ReadRange, signal?: AbortSignal): Promise<Uint8Array> {
    try {
      const content = await this.#bucket.get(this.#key(path), range, signal)
      return await bytesOf(path, content, 'range')
    } catch (error) {
      // The object ends before the range begins.
      if (s3Fault(error).status === 416) return new Uint8Array()
      throw error
    }
  }

  async #publishOnce(
    object: StagedObject,
    upload: Upload,
    signal: AbortSignal | undefined,
  ): Promise<'published' | 'already'> {
    const key = this.#key(object.target)
    if (await this.#isThere(object, signal)) {
      await this.#forget(upload)
      return 'already'
    }
    const { parts } = planParts(object.target, object.bytes)
    if (upload.parts.length !== parts) {
      const fact = `${upload.parts.length} of ${parts} parts were uploaded or are left`
      throw new StorageError(
        'not_found',
        object.target,
        `nothing to publish at ${JSON.stringify(object.target)}: ${fact}`,
      )
    }
    try {
      const answer = await this.#bucket.completeIfAbsent(key, upload.uploadId, upload.parts, signal)
      if (answer === 'completed') {
        await this.#forget(upload)
        return 'published'
      }
      throw new StorageError(
        'unavailable',
        object.target,
        `${JSON.stringify(object.target)} was taken and is gone again`,
      )
    } catch (error) {
      // Another publisher of the same upload, or our own lost answer.
      if (!(await this.#isThere(object, signal).catch(preferring(error)))) throw goneOr(error, object)
      await this.#forget(upload)
      return 'already'
    }
  }

  /** True for our bytes at the target, false for nothing; throws `corrupt` for others. */
  async #isThere(object: StagedObject, signal: AbortSignal | undefined): Promise<boolean> {
    const key = this.#key(object.target)
    const found = await this.#bucket.head(key, signal)
    if (found === undefined) return false
    if (found.bytes !== object.bytes) throw corrupt(object, `it has ${found.bytes} bytes, not ${object.bytes}`)
    if ((await this.#checksum(object.target, key, found, signal)) !== object.sha256) {
      throw corrupt(object, 'its SHA-256 is another')
    }
    return true
  }

  async #checksum(path: string, key: string, found: HeadInfo, signal: AbortSignal | undefined): Promise<string> {
    return found.sha256 ?? sha256Of(path, await this.#bucket.get(key, undefined, signal))
  }

  /** The object is what counts: a marker that stays is found, and dropped, as a staged object without an upload. */
  async #forget(upload: Upload): Promise<void> {
    await this.#bucket.delete(this.#markerKey(upload.marker), AbortSignal.timeout(TIDY_MS_MAX)).catch(() => undefined)
  }

  /** The upload first: what is left after a crash between the two is still found. */
  async #drop(
    key: string,
    upload: { readonly uploadId: string; readonly marker: string },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#bucket.abortUpload(key, upload.uploadId, signal)
    await this.#bucket.delete(this.#markerKey(upload.marker), signal)
  }

  async #stagedOf(markers: readonly string[], signal: AbortSignal | undefined): Promise<readonly StagedObject[]> {
    const found = await Promise.all(markers.map((marker) => this.#readMarker(marker, signal)))
    return found.filter((object) => object !== undefined)
  }

  /** Undefined for a marker that went meanwhile. */
  async #readMarker(path: string, signal: AbortSignal | undefined): Promise<StagedObject | undefined> {
    try {
      const bytes = await bytesOf(path, await this.#bucket.get(this.#markerKey(path), undefined, signal), 'whole')
      const marker = parseMarker(bytes)
      if (marker === undefined) return undefined
      const { target, uploadId, part_bytes, sha256 } = marker
      const parts = (await this.#bucket.listParts(this.#key(target), uploadId, signal)) ?? []
      return { handle: printHandle({ marker: path, uploadId, part_bytes, parts }), target, bytes: marker.bytes, sha256 }
    } catch (error) {
      if (s3Fault(error).code === 'NoSuchKey') return undefined
      throw error
    }
  }
}

/** The caller's own reason when it aborted, else the error by its meaning. */
function faultOf(
  meaning: typeof s3Error,
  error: unknown,
  path: string,
  doing: string,
  signal: AbortSignal | undefined,
): unknown {
  return signal?.aborted === true ? signal.reason : meaning(error, path, doing)
}

/** A look that found other bytes says more than the failure before it; one that failed says less. */
function preferring(first: unknown): (second: unknown) => never {
  return (second) => {
    throw second instanceof StorageError && second.kind === 'corrupt' ? second : first
  }
}

function goneOr(error: unknown, object: StagedObject): unknown {
  if (s3Fault(error).code !== 'NoSuchUpload') return error
  const message = `neither the upload nor its target ${JSON.stringify(object.target)} is there`
  return new StorageError('not_found', object.target, message)
}

function notFound(path: StoragePath): StorageError {
  return new StorageError('not_found', path, `there is no object ${JSON.stringify(path)}`)
}

function corrupt(object: StagedObject, fact: string): StorageError {
  return new StorageError('corrupt', object.target, `${JSON.stringify(object.target)} holds other bytes: ${fact}`)
}

function unordered(location: string, last: string, path: string): StorageError {
  const fact = `${JSON.stringify(path)} came after ${JSON.stringify(last)}`
  return new StorageError('not_supported', path, `${location} does not list keys in order: ${fact}`)
}
