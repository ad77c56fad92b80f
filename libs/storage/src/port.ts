/**
 * The storage port: what Millrace needs from a store, and no more. All paths are validated, relative to the adapter's
 * root, with `/` between segments. An adapter is opened on one root (a folder, a bucket and prefix, an HDFS directory).
 */
export type StoragePath = string & { readonly __brand: 'StoragePath' }

export type StorageErrorKind =
  | 'not_found'
  | 'exists'
  | 'permission'
  | 'throttled'
  | 'unavailable'
  | 'no_space'
  /**
   * The store did not say whether the write happened. Only the caller that owns the protocol can resolve it, by reading
   * back.
   */
  | 'ambiguous_write'
  | 'invalid_path'
  | 'not_supported'
  /** The bytes found are not the bytes that were written (length or checksum). */
  | 'corrupt'
  /** The store accepts a condition and ignores it: it cannot be used. */
  | 'unsafe_store'

export class StorageError extends Error {
  readonly kind: StorageErrorKind
  readonly path: string
  constructor(kind: StorageErrorKind, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StorageError'
    this.kind = kind
    this.path = path
  }
  /** True where the same call may succeed later, unchanged. */
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'unavailable' || this.kind === 'no_space'
  }
}

export interface ObjectMeta {
  readonly path: StoragePath
  readonly bytes: number
}

export interface LocalFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/**
 * A file that is in the store, durable, and invisible to readers of tables. Plain JSON: it is part of the commit
 * record.
 */
export interface StagedObject {
  /** Adapter's own handle: a staging path, or an upload id with part tags, as one JSON-safe string. */
  readonly handle: string
  readonly target: StoragePath
  readonly bytes: number
  readonly sha256: string
}

export interface StorageAdapter {
  readonly scheme: 'file' | 's3' | 'hdfs' | 'memory'
  /** For messages: never holds a secret. */
  readonly location: string
  /**
   * Proves by doing that create-if-absent excludes and publish is idempotent; throws `unsafe_store` otherwise. Leaves
   * nothing behind.
   */
  probe(under: StoragePath, signal?: AbortSignal): Promise<void>
  head(path: StoragePath, signal?: AbortSignal): Promise<ObjectMeta | undefined>
  /** Whole small objects, or a range [start, end). Throws `not_found`. */
  read(
    path: StoragePath,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array>
  /** Copies an object into a local file (for restoring state), streaming; the file is complete on return. */
  download(path: StoragePath, localPath: string, signal?: AbortSignal): Promise<void>
  /**
   * All objects below `prefix` (a directory path), recursively, in ascending order of path, those greater than `after`
   * only.
   */
  list(prefix: StoragePath, after?: StoragePath, signal?: AbortSignal): AsyncIterable<ObjectMeta>
  /** Atomic, exclusive and durable on return. Throws `ambiguous_write` when the store did not say. */
  createIfAbsent(path: StoragePath, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'>
  /**
   * Uploads a finished local file where no table reader sees it. Durable on return. `attempt` is never reused.
   * `stagingDir` is where path-based stores keep it.
   */
  stage(
    file: LocalFile,
    target: StoragePath,
    stagingDir: StoragePath,
    attempt: string,
    signal?: AbortSignal,
  ): Promise<StagedObject>
  /**
   * Makes a staged object visible at its target. Idempotent: after success it answers `already`. A target that holds
   * other bytes (length, checksum where known) throws `corrupt`; a staged object that is gone while the target is not
   * there throws `not_found`.
   */
  publish(object: StagedObject, signal?: AbortSignal): Promise<'published' | 'already'>
  /** Throws nothing when it is already gone. */
  discard(object: StagedObject, signal?: AbortSignal): Promise<void>
  /** Everything staged below `stagingDir` (S3: open uploads under `targets` too), for vacuum. */
  listStaged(stagingDir: StoragePath, signal?: AbortSignal): AsyncIterable<StagedObject>
  remove(path: StoragePath, signal?: AbortSignal): Promise<'removed' | 'absent'>
  close(): Promise<void>
}
