import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { localError } from '../local/errors.ts'
import { type LocalFile, StorageError } from '../port.ts'
import type { Sending } from './transport.ts'

const CHUNK_BYTES = 1 << 20

/**
 * A finished local file as the body of a request: read from disk as fast as the network takes it, a few chunks in
 * memory. A file that is not as long as it was said to be breaks the request off with StorageError `corrupt`. Its
 * SHA-256 is taken on trust: on the one thread that also sends, a second one would cost a fifth of the throughput.
 */
export function sendFile(file: LocalFile): Sending {
  return { body: countedChunks(file), bytes: file.bytes }
}

async function* countedChunks(file: LocalFile): AsyncGenerator<Uint8Array> {
  let bytes = 0
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file.path, { highWaterMark: CHUNK_BYTES })
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > file.bytes) throw changed(file, `at least ${bytes} bytes`)
      yield chunk
    }
  } catch (error) {
    throw localError(error, file.path, 'read the local file')
  }
  if (bytes !== file.bytes) throw changed(file, `${bytes} bytes`)
}

/** Throws StorageError `corrupt` or what the disk said: before anything is sent. */
export async function checkLocal(file: LocalFile): Promise<void> {
  const found = await stat(file.path).catch((cause: unknown) => {
    throw new StorageError('not_found', file.path, `the local file ${JSON.stringify(file.path)} cannot be read`, cause)
  })
  if (!found.isFile() || found.size !== file.bytes) throw changed(file, `${found.size} bytes`)
}

/** Writes chunks to a new file, durably, and gives it its name only when it is whole: as long as was said. */
export async function receiveFile(
  chunks: AsyncIterable<Uint8Array>,
  partial: string,
  localPath: string,
  bytes: number,
): Promise<number> {
  let received = 0
  try {
    const target = await open(partial, 'wx')
    try {
      for await (const chunk of chunks) {
        await writeAll(target, chunk)
        received += chunk.length
      }
      if (received === bytes) await target.sync()
    } finally {
      await target.close()
    }
    if (received === bytes) await rename(partial, localPath)
    return received
  } finally {
    await rm(partial, { force: true })
  }
}

async function writeAll(target: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) written += (await target.write(chunk, written)).bytesWritten
}

function changed(file: LocalFile, found: string): StorageError {
  const message = `the local file ${JSON.stringify(file.path)} has ${found}: not what it was said to hold`
  return new StorageError('corrupt', file.path, message)
}
