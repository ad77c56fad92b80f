import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { queryError } from './query-errors.ts'
import type { WrittenFile } from './session-port.ts'

const CHUNK_BYTES = 1024 * 1024

/** Size and SHA-256 of a finished file. Read synchronously: this thread has nothing else to do meanwhile. */
export const describeFile = (path: string, rows: number): WrittenFile => {
  try {
    const file = openSync(path, 'r')
    try {
      const hash = createHash('sha256')
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      let bytes = 0
      for (;;) {
        const read = readSync(file, buffer, 0, CHUNK_BYTES, null)
        if (read === 0) return { path, rows, bytes, sha256: hash.digest('hex') }
        hash.update(buffer.subarray(0, read))
        bytes += read
      }
    } finally {
      closeSync(file)
    }
  } catch (thrown) {
    throw queryError(thrown, `reading back ${path}`)
  }
}
