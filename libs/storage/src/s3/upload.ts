import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type LocalFile, StorageError } from '../port.ts'
import type { Bucket } from './bucket.ts'
import type { PartBuffers } from './parts.ts'
import type { Part } from './staged.ts'

const READ_BYTES = 1 << 20
/** Of one file; all files together are bounded by the buffers. */
const PARTS_AT_ONCE = 2

/**
 * Sends a local file as the parts of an open upload, some at a time, each read once from the disk. Throws `corrupt`
 * when the bytes are not those that `file` speaks of.
 */
export async function uploadParts(
  bucket: Bucket,
  buffers: PartBuffers,
  file: LocalFile,
  to: { readonly key: string; readonly uploadId: string; readonly part_bytes: number; readonly parts: number },
  signal: AbortSignal | undefined,
): Promise<readonly Part[]> {
  const failed = new AbortController()
  const stopped = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const hash = createHash('sha256')
  const sent: Promise<Part>[] = []
  const local = await open(file.path, 'r')
  try {
    for (let i = 0; i < to.parts; i += 1) {
      if (i >= PARTS_AT_ONCE) await sent[i - PARTS_AT_ONCE]
      stopped.throwIfAborted()
      const bytes = Math.min(to.part_bytes, file.bytes - i * to.part_bytes)
      const buffer = await buffers.take(bytes)
      try {
        await fill(local, file, buffer.subarray(0, bytes), i * to.part_bytes, hash)
      } catch (error) {
        buffers.give(buffer)
        throw error
      }
      const part = bucket.uploadPart(to.key, to.uploadId, i + 1, buffer.subarray(0, bytes), stopped)
      sent.push(part.finally(() => buffers.give(buffer)))
      sent.at(-1)?.catch(() => undefined)
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== file.sha256) throw changedFile(file, `its SHA-256 is ${sha256}`)
    return await Promise.all(sent)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(sent)
    throw error
  } finally {
    await local.close()
  }
}

async function fill(
  local: FileHandle,
  file: LocalFile,
  into: Uint8Array,
  position: number,
  hash: ReturnType<typeof createHash>,
): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const slice = into.subarray(at, at + READ_BYTES)
    const { bytesRead } = await local.read(slice, 0, slice.length, position + at)
    if (bytesRead === 0) throw changedFile(file, `it ended after ${position + at} bytes`)
    hash.update(slice.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** The local file is not what its description says. */
export function changedFile(file: LocalFile, found: string): StorageError {
  const expected = `${file.bytes} bytes with SHA-256 ${file.sha256}`
  return new StorageError('corrupt', file.path, `the local file ${file.path} changed: ${found}, expected ${expected}`)
}
