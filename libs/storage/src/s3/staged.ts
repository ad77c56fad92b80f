import { createHash } from 'node:crypto'
import { joinPath } from '../path.ts'
import { type StagedObject, StorageError, type StoragePath } from '../port.ts'

/*
 * handle = {"marker": path, "uploadId": text, "part_bytes": n, "parts": [[etag, crc32], …]}   (JSON, this order)
 * marker = object <stagingDir>/<attempt>/~<sha256 of target and uploadId>.staged
 *          holding {"target", "uploadId", "bytes", "sha256", "part_bytes"}   (JSON)
 * S3 lists open uploads by key only, never by who began them: the marker ties an upload to its staging directory. It is
 * written before the first part, so that no bytes lie in the store that a listing of the directory does not find.
 */
export interface Part {
  /** Without quotes. */
  readonly etag: string
  /** Base64, as S3 has it; empty where the store keeps none. */
  readonly crc32: string
}

export interface Upload {
  readonly marker: string
  readonly uploadId: string
  readonly part_bytes: number
  readonly parts: readonly Part[]
}

export interface Marker {
  readonly target: StoragePath
  readonly uploadId: string
  readonly bytes: number
  readonly sha256: string
  readonly part_bytes: number
}

const MARKER_NAME = /\/~[0-9a-f]{64}\.staged$/

/** Not a storage path: the name is reserved, so that no listing shows it. */
export function markerPath(
  stagingDir: StoragePath,
  attempt: string,
  upload: { readonly target: StoragePath; readonly uploadId: string },
): string {
  const name = createHash('sha256').update(`${upload.target}\0${upload.uploadId}`).digest('hex')
  return `${joinPath(stagingDir, attempt)}/~${name}.staged`
}

export function isMarkerPath(path: string): boolean {
  return MARKER_NAME.test(path)
}

export function printHandle(upload: Upload): string {
  const parts = upload.parts.map(({ etag, crc32 }) => [etag, crc32])
  return JSON.stringify({ marker: upload.marker, uploadId: upload.uploadId, part_bytes: upload.part_bytes, parts })
}

/** Handles come from commit records. Throws StorageError `invalid_path` for what is none of ours. */
export function parseHandle(object: StagedObject): Upload {
  const fail = (cause?: unknown): never => {
    const message = `the staged handle of ${JSON.stringify(object.target)} is not one of an S3 store`
    throw new StorageError('invalid_path', object.target, message, cause)
  }
  let read: Record<string, unknown>
  try {
    read = Object(JSON.parse(object.handle))
  } catch (cause) {
    return fail(cause)
  }
  const { marker, uploadId, part_bytes, parts } = read
  if (typeof marker !== 'string' || typeof uploadId !== 'string' || typeof part_bytes !== 'number') return fail()
  if (!isMarkerPath(marker) || marker.split('/').includes('..') || !Array.isArray(parts)) return fail()
  return {
    marker,
    uploadId,
    part_bytes,
    parts: parts.map((part: unknown) => {
      const [etag, crc32] = Array.isArray(part) ? part : []
      return typeof etag === 'string' && typeof crc32 === 'string' ? { etag, crc32 } : fail()
    }),
  }
}

export function printMarker(marker: Marker): Uint8Array {
  const { target, uploadId, bytes, sha256, part_bytes } = marker
  return new TextEncoder().encode(JSON.stringify({ target, uploadId, bytes, sha256, part_bytes }))
}

/** Undefined for what no adapter wrote. */
export function parseMarker(bytes: Uint8Array): Marker | undefined {
  try {
    const read = Object(JSON.parse(new TextDecoder().decode(bytes))) as Record<string, unknown>
    const { target, uploadId, bytes: size, sha256, part_bytes } = read
    if (typeof target !== 'string' || typeof uploadId !== 'string' || typeof sha256 !== 'string') return undefined
    if (typeof size !== 'number' || typeof part_bytes !== 'number') return undefined
    return { target: joinPath(target), uploadId, bytes: size, sha256, part_bytes }
  } catch {
    return undefined
  }
}
