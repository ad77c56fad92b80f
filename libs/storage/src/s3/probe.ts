import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '../port.ts'
import type { ProbeFile } from '../probe.ts'
import type { Bucket } from './bucket.ts'

/** A file of the probe's own in the system's temporary folder. */
export async function probeFile(id: string, bytes: Uint8Array): Promise<ProbeFile> {
  const path = join(tmpdir(), `millrace-probe-${id}`)
  await writeFile(path, bytes)
  return { path, bytes: bytes.length, sha256: sha256Hex(bytes), remove: () => rm(path, { force: true }) }
}

/**
 * Proves that CompleteMultipartUpload keeps its condition. Publishing looks before it completes, so that its own probe
 * would not notice; between the look and the completion another writer may come, and then only the condition excludes.
 */
export async function probeComplete(
  bucket: Bucket,
  key: string,
  path: string,
  location: string,
  signal?: AbortSignal,
): Promise<void> {
  const open: string[] = []
  const upload = async (text: string) => {
    const bytes = new TextEncoder().encode(text)
    const uploadId = await bucket.createUpload(key, sha256Hex(bytes), signal)
    open.push(uploadId)
    return { uploadId, parts: [await bucket.uploadPart(key, uploadId, 1, bytes, signal)] }
  }
  try {
    const [first, second] = [await upload('first'), await upload('second')]
    await bucket.completeIfAbsent(key, first.uploadId, first.parts, signal)
    const answer = await bucket.completeIfAbsent(key, second.uploadId, second.parts, signal)
    const found = await bucket.head(key, signal)
    if (answer !== 'exists' || found?.bytes !== 'first'.length) {
      const fact = 'it accepts If-None-Match on CompleteMultipartUpload and ignores it'
      throw new StorageError('unsafe_store', path, `${location} cannot keep exactly-once: ${fact}`)
    }
  } finally {
    for (const uploadId of open) await bucket.abortUpload(key, uploadId).catch(() => undefined)
    await bucket.delete(key).catch(() => undefined)
  }
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
