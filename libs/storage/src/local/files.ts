import { createHash } from 'node:crypto'
import type { FileSystem, OpenFile } from './file-system.ts'

const CHUNK_BYTES = 1 << 20

/** Runs with an open file that is closed in the end, whatever happens. */
export async function withFile<T>(
  fs: FileSystem,
  path: string,
  mode: 'read' | 'create',
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await fs.open(path, mode)
  let result: T
  try {
    result = await use(file)
  } catch (error) {
    await file.close().catch(() => undefined)
    throw error
  }
  await file.close()
  return result
}

/** The bytes [start, end) of a file, fewer where it is shorter. */
export async function readRange(file: OpenFile, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start))
  let filled = 0
  while (filled < bytes.length) {
    const count = await file.read(bytes.subarray(filled), start + filled)
    if (count === 0) return bytes.slice(0, filled)
    filled += count
  }
  return bytes
}

/** Streams a file through `use`, a chunk at a time; the chunk is valid until `use` resolves. */
async function eachChunk(
  fs: FileSystem,
  path: string,
  signal: AbortSignal | undefined,
  use: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  await withFile(fs, path, 'read', async (file) => {
    const buffer = new Uint8Array(CHUNK_BYTES)
    for (let position = 0; ; ) {
      signal?.throwIfAborted()
      const count = await file.read(buffer, position)
      if (count === 0) return
      await use(buffer.subarray(0, count))
      position += count
    }
  })
}

/** Lower-case hex SHA-256 of a file's bytes, streamed. */
export async function sha256Of(fs: FileSystem, path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await eachChunk(fs, path, signal, async (chunk) => {
    hash.update(chunk)
  })
  return hash.digest('hex')
}

/** Copies into a new file (EEXIST when there is one) and syncs its contents; returns the SHA-256 of what was copied. */
export async function copyDurably(fs: FileSystem, from: string, to: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await withFile(fs, to, 'create', async (copy) => {
    await eachChunk(fs, from, signal, async (chunk) => {
      hash.update(chunk)
      await copy.write(chunk)
    })
    await copy.sync()
  })
  return hash.digest('hex')
}

/** Makes a new file of these bytes, its contents durable and its name not yet. */
export async function writeDurably(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  await withFile(fs, path, 'create', async (file) => {
    await file.write(bytes)
    await file.sync()
  })
}

/** Makes a file's contents durable. */
export async function syncFile(fs: FileSystem, path: string): Promise<void> {
  await withFile(fs, path, 'read', (file) => file.sync())
}
