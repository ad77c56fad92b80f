import { createHash } from 'node:crypto'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { CommittedFile } from '../records.ts'
import type { VerifyOptions, VerifyProblem } from '../types.ts'
import type { Context } from './context.ts'

const chunk_bytes = 8 * 1024 * 1024

const sha256OfObject = async (context: Context, store: StorageAdapter, file: CommittedFile): Promise<string> => {
  const hash = createHash('sha256')
  for (let start = 0; start < file.bytes; start += chunk_bytes) {
    const range = { start, end: Math.min(file.bytes, start + chunk_bytes) }
    const read = () => store.read(file.target as StoragePath, range, context.signal)
    hash.update(await context.retry(`read ${file.target}`, read))
  }
  return hash.digest('hex')
}

/** Whether the store holds the very file that a commit names; the first thing that is wrong with it, if any. */
export const verifyFile = async (
  context: Context,
  store: StorageAdapter,
  file: CommittedFile,
  version: number,
  options: VerifyOptions,
): Promise<VerifyProblem | undefined> => {
  const path = file.target as StoragePath
  const problem = (kind: VerifyProblem['kind'], message: string): VerifyProblem => ({ kind, version, path, message })
  const found = await context.retry(`look at ${path}`, () => store.head(path, context.signal))
  if (found === undefined) return problem('missing', `${path} of commit ${version} is gone`)
  if (found.bytes !== file.bytes)
    return problem('bytes', `${path} has ${found.bytes} bytes, commit ${version} wrote ${file.bytes}`)
  if (options.deep !== false) {
    const sha256 = await sha256OfObject(context, store, file)
    if (sha256 !== file.sha256) return problem('sha256', `${path} does not hold the bytes that commit ${version} wrote`)
  }
  if (options.countRows === undefined) return undefined
  try {
    const rows = await options.countRows(store, path)
    return rows === file.rows
      ? undefined
      : problem('rows', `${path} has ${rows} rows, commit ${version} wrote ${file.rows}`)
  } catch (error) {
    return problem('rows', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
