import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { type StagedObject, StorageError } from '../port.ts'
import type { HdfsClient, HdfsStatus } from './client.ts'
import { cannot, HdfsError } from './errors.ts'
import type { Sending } from './transport.ts'

/** Up to here, a target whose staged file is gone is read whole to prove that it is ours; longer ones by length. */
const HASHED_BYTES_MAX = 64 * 1024 * 1024

/**
 * Writes a new file and proves its length. Nothing of what fails here can be seen by readers, hence no error of it is
 * an `ambiguous_write`. What was written stays for the caller to remove.
 */
export async function uploadNew(
  client: HdfsClient,
  path: string,
  open: () => Sending,
  bytes: number,
  signal?: AbortSignal,
): Promise<HdfsStatus> {
  await client.create(path, open, signal)
  const made = await client.status(path, signal)
  if (made?.kind === 'file' && made.bytes === bytes) return made
  const message = cannot('write', path, `${made?.bytes ?? 'none'} of ${bytes} bytes arrived`)
  throw new HdfsError('unavailable', path, message)
}

/**
 * Create-if-absent: a whole temporary file beside the target gets its name by RENAME NONE, which excludes. An answer
 * that was lost is told by the file's inode, or by removing the temporary file: then the rename can never land.
 * `exists` is answered after that removal, an edit of the NameNode's log, so that the other's record is in it too.
 */
export async function createByRename(
  client: HdfsClient,
  temporary: string,
  target: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<'created' | 'exists'> {
  try {
    const made = await uploadNew(client, temporary, () => ({ body: bytes, bytes: bytes.length }), bytes.length, signal)
    try {
      await client.rename(temporary, target, signal)
      return 'created'
    } catch (error) {
      if (!(error instanceof HdfsError) || !mayBeTaken(error)) throw error
      const answer = await settle(client, temporary, target, made, error)
      if (answer === 'exists') await client.remove(temporary, false).catch(() => false)
      return answer
    }
  } catch (error) {
    await client.remove(temporary, false).catch(() => false)
    if (error instanceof HdfsError && error.kind === 'exists') {
      // Not the target: the temporary name, by a request that somebody between us and HDFS sent twice.
      throw new HdfsError('unavailable', target, error.message, { cause: error })
    }
    throw error
  }
}

function mayBeTaken(error: HdfsError): boolean {
  const taken = error.kind === 'exists' || error.kind === 'not_found' || error.kind === 'invalid_path'
  return taken || (error.uncertain && error.kind !== 'unsafe_store')
}

async function settle(
  client: HdfsClient,
  temporary: string,
  target: string,
  made: HdfsStatus,
  error: HdfsError,
): Promise<'created' | 'exists'> {
  const answer = await look(client, target, made, error)
  if (answer !== undefined) return answer
  if (error.kind === 'exists') return 'exists'
  if (!error.uncertain) throw error
  const removed = await client.remove(temporary, false).catch((cause: unknown) => {
    throw ambiguous(target, cause)
  })
  if (removed) throw new HdfsError('unavailable', target, error.message, { cause: error })
  // Already gone: the rename landed while we looked.
  const landed = await look(client, target, made, error)
  if (landed === undefined) throw ambiguous(target, error)
  return landed
}

/** Whose file is at the target; undefined where none is. */
async function look(client: HdfsClient, target: string, made: HdfsStatus, error: HdfsError) {
  const found = await client.status(target).catch((cause: unknown) => {
    throw ambiguous(target, cause)
  })
  if (found === undefined) return undefined
  if (found.kind !== 'file') {
    throw new HdfsError('invalid_path', target, cannot('create', target, 'it is a directory'), { cause: error })
  }
  return isSame(found, made) ? 'created' : 'exists'
}

/**
 * Publishes by RENAME NONE, making the target's directory where it lacks. Throws `corrupt` where other bytes are at the
 * target or the staged file is not whole, `not_found` where neither file is there, and `ambiguous_write` where the
 * answer was lost and the target is not there (yet): publishing again decides.
 */
export async function publishByRename(
  client: HdfsClient,
  object: StagedObject,
  staged: string,
  target: string,
  signal?: AbortSignal,
): Promise<'published' | 'already'> {
  const source = await client.status(staged, signal)
  if (source !== undefined && (source.kind !== 'file' || source.bytes !== object.bytes)) {
    throw corrupt(target, `the staged file has ${source.bytes} bytes, not ${object.bytes}`)
  }
  const answer = source === undefined ? 'taken' : await renameStaged(client, staged, target, source, signal)
  if (answer === 'published') return answer
  await checkTarget(client, object, staged, target, signal)
  return 'already'
}

async function renameStaged(
  client: HdfsClient,
  staged: string,
  target: string,
  source: HdfsStatus,
  signal?: AbortSignal,
): Promise<'published' | 'taken'> {
  for (let first = true; ; first = false) {
    try {
      await client.rename(staged, target, signal)
      return 'published'
    } catch (error) {
      if (!(error instanceof HdfsError)) throw error
      if (error.kind === 'exists') return 'taken'
      const found = await client.status(target, signal)
      if (found !== undefined && isSame(found, source)) return error.uncertain ? 'published' : 'taken'
      if (found?.kind === 'directory') return 'taken'
      if (error.uncertain) throw ambiguous(target, error)
      if (error.kind !== 'not_found') throw error
      // Either the target's directory is not there, or somebody else has published it meanwhile.
      if (!first) return 'taken'
      await client.mkdirs(dirname(target), signal)
    }
  }
}

async function checkTarget(
  client: HdfsClient,
  object: StagedObject,
  staged: string,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const found = await client.status(target, signal)
  if (found === undefined) {
    throw new StorageError('not_found', target, cannot('publish', target, 'neither it nor its staged file is there'))
  }
  if (found.kind !== 'file') throw corrupt(target, 'it is not a file')
  if (found.bytes !== object.bytes) throw corrupt(target, `it has ${found.bytes} bytes, not ${object.bytes}`)
  if (found.bytes === 0) return
  const rival = (await client.status(staged, signal)) !== undefined
  if (rival && (await sameChecksum(client, staged, target, signal))) return
  if (!rival && found.bytes > HASHED_BYTES_MAX) return
  const hash = createHash('sha256')
  for await (const chunk of await client.open(target, 0, found.bytes, signal)) hash.update(chunk)
  if (hash.digest('hex') !== object.sha256) throw corrupt(target, 'its SHA-256 is another')
}

async function sameChecksum(client: HdfsClient, staged: string, target: string, signal?: AbortSignal) {
  const sums = Promise.all([client.checksum(staged, signal), client.checksum(target, signal)])
  const [ours, theirs] = await sums.catch(() => ['', 'unknown'])
  return ours === theirs
}

function isSame(found: HdfsStatus, made: HdfsStatus): boolean {
  return made.fileId !== undefined && found.fileId === made.fileId
}

function corrupt(target: string, fact: string): StorageError {
  return new StorageError('corrupt', target, `${JSON.stringify(target)} cannot be published: ${fact}`)
}

function ambiguous(target: string, cause: unknown): StorageError {
  const message = `the answer about ${JSON.stringify(target)} was lost, and HDFS does not say whether it was written`
  return new StorageError('ambiguous_write', target, message, cause)
}
