import { type StagedObject, StorageError, type StoragePath } from '@millrace/storage'
import { MillraceError } from '../../core/errors/index.ts'
import { encodeRecord } from '../codec.ts'
import type { Link } from '../decide/chain.ts'
import { publishedPath } from '../layout.ts'
import type { CommittedFile } from '../records.ts'
import type { Context } from './context.ts'
import { createRecord } from './create-record.ts'
import { mapPool } from './pool.ts'
import { type PlacedFile, placedFiles } from './state.ts'

export const stagedObjectOf = (file: CommittedFile): StagedObject => ({
  handle: file.staged,
  target: file.target as StoragePath,
  bytes: file.bytes,
  sha256: file.sha256,
})

const publishFile = (context: Context, version: number, { store, file }: PlacedFile): Promise<unknown> =>
  context.retry(`publish ${file.target}`, async () => {
    try {
      return await store.publish(stagedObjectOf(file), context.signal)
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== 'not_found') throw error
      throw new MillraceError(
        'ENG_STORE_COMMITTED_FILE_MISSING',
        `Commit ${version} names ${file.target}, and neither it nor its staged copy is there`,
        { path: file.target, cause: error },
      )
    }
  })

/** Makes every file of a decided commit visible. Idempotent, and derived from the commit record alone: any worker may. */
export const publishFiles = async (context: Context, { record }: Link): Promise<void> => {
  await context.crashpoint('before-publish')
  let done = 0
  await mapPool(placedFiles(context, record), context.concurrency, async (placed) => {
    await publishFile(context, record.version, placed)
    if (++done === 1) await context.crashpoint('mid-publish')
  })
  await context.crashpoint('after-publish-before-mark')
}

/** Says that all files of a commit are in place: only now may its staging be tidied and the next version be decided. */
export const markPublished = async (context: Context, { record, sha256 }: Link): Promise<void> => {
  const path = publishedPath(context.stateRoot, record.version)
  const bytes = encodeRecord({ format: 1, version: record.version, sha256 })
  const created = await createRecord(context, context.state, path, bytes)
  if (created.kind === 'other')
    throw new MillraceError(
      'ENG_PROTOCOL_CHAIN_BROKEN',
      `${path} speaks of another commit ${record.version} than the one in the log`,
      { path },
    )
  await context.crashpoint('after-mark')
}

export const publishCommit = async (context: Context, link: Link): Promise<void> => {
  await publishFiles(context, link)
  await markPublished(context, link)
}
