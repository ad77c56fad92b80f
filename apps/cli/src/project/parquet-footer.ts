import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import { StorageError } from '@millrace/storage'

const TAIL_BYTES = 64 * 1024
/** Length of the footer (4 bytes, little-endian) and `PAR1`: Apache Parquet format, "File format". */
const TRAILER_BYTES = 8

/**
 * Gives `use` a local file that has the Parquet footer of a remote one, at its place, and a hole where the data would
 * be: enough for metadata. Reads the footer only. Throws StorageError.
 */
export const withFooter = async <T>(
  store: StorageAdapter,
  path: StoragePath,
  use: (localPath: string) => Promise<T>,
): Promise<T> => {
  const found = await store.head(path)
  if (found === undefined) throw new StorageError('not_found', path, `${path} is gone`)
  const { bytes } = found
  let tail = await store.read(path, { start: Math.max(0, bytes - TAIL_BYTES), end: bytes })
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const footer_bytes = tail.length < TRAILER_BYTES ? 0 : view.getUint32(tail.length - TRAILER_BYTES, true)
  const start = bytes - TRAILER_BYTES - footer_bytes
  if (start >= 0 && bytes - start > tail.length) tail = await store.read(path, { start, end: bytes })
  const folder = await mkdtemp(join(tmpdir(), 'millrace-footer-'))
  try {
    const local = join(folder, 'footer.parquet')
    const file = await open(local, 'w')
    try {
      await file.write(Buffer.from('PAR1'), 0, 4, 0)
      await file.write(tail, 0, tail.length, bytes - tail.length)
    } finally {
      await file.close()
    }
    return await use(local)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
