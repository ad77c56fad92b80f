import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StorageError } from '../port.ts'
import type { Content } from './bucket.ts'

/** Counts and hashes what comes; throws `unavailable` where the answer ended early, `corrupt` for other bytes. */
async function consume(
  path: string,
  content: Content,
  hashed: 'whole' | 'range',
  use: (chunk: Uint8Array) => Promise<void> | void,
): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content.body as AsyncIterable<Uint8Array>) {
    if (hashed === 'whole') hash.update(chunk)
    bytes += chunk.length
    await use(chunk)
  }
  if (bytes !== content.bytes) {
    const fact = `${bytes} of ${content.bytes} bytes of ${JSON.stringify(path)} arrived`
    throw new StorageError('unavailable', path, `the answer ended early: ${fact}`)
  }
  const sha256 = hash.digest('hex')
  if (hashed === 'whole' && content.sha256 !== undefined && content.sha256 !== sha256) {
    const fact = `its SHA-256 is ${sha256}, and ${content.sha256} when it was written`
    throw new StorageError('corrupt', path, `${JSON.stringify(path)} holds other bytes: ${fact}`)
  }
  return sha256
}

/** All that comes; a whole object is proved against the checksum that it was written with. */
export async function bytesOf(path: string, content: Content, hashed: 'whole' | 'range'): Promise<Uint8Array> {
  const bytes = new Uint8Array(content.bytes)
  let filled = 0
  await consume(path, content, hashed, (chunk) => {
    if (filled + chunk.length > bytes.length) throw new RangeError('the store sent more than it said')
    bytes.set(chunk, filled)
    filled += chunk.length
  })
  return bytes
}

/** Lower-case hex SHA-256 of a whole object, streamed. */
export function sha256Of(path: string, content: Content): Promise<string> {
  return consume(path, { ...content, sha256: undefined }, 'whole', () => undefined)
}

/** Streams a whole object into a file that appears, synced, only when it is complete and proved. */
export async function saveTo(
  path: string,
  content: Content,
  localPath: string,
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const partial = join(dirname(localPath), `.millrace-${id}.tmp`)
  try {
    const file = await open(partial, 'wx')
    try {
      await consume(path, content, 'whole', async (chunk) => {
        signal?.throwIfAborted()
        await file.writeFile(chunk)
      })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, localPath)
  } catch (error) {
    content.body.destroy()
    await rm(partial, { force: true })
    throw error
  }
}
