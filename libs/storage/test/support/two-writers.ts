import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { joinPath, storagePath } from '../../src/path.ts'
import { type StagedObject, type StorageAdapter, StorageError, type StoragePath } from '../../src/port.ts'

/** One version of a small log, as its record says. */
export interface Decided {
  readonly attempt: string
  readonly staged: StagedObject
  readonly text: string
}

const STAGING = storagePath('_millrace/p/staging')
const TRIES_MAX = 60
const PAUSE_MS = 20

export const recordPath = (version: number): StoragePath => joinPath('_millrace/p/commits', String(version))
export const dataPath = (version: number): StoragePath => joinPath('books', `p-${version}.parquet`)

/**
 * Writes versions 1…n of a log in the protocol's own steps (stage, decide by create-if-absent with read-back, publish
 * the winner's file), and stands for any number of workers that do the same on the same store.
 */
export async function writeVersions(
  storage: StorageAdapter,
  options: { readonly worker: string; readonly versions: number; readonly folder: string; readonly bytes?: number },
): Promise<void> {
  for (let version = 1; version <= options.versions; version += 1) {
    const staged = await persist(() => stageVersion(storage, version, options))
    const winner = await decide(storage, recordPath(version), staged)
    await persist(() => storage.publish(winner.staged))
  }
}

let attempts = 0

async function stageVersion(
  storage: StorageAdapter,
  version: number,
  options: { readonly worker: string; readonly folder: string; readonly bytes?: number },
): Promise<Decided> {
  attempts += 1
  const attempt = `${options.worker}-${version}-${attempts}`
  const text = `rows of ${attempt} `.padEnd(options.bytes ?? 0, `${attempt};`)
  const path = join(options.folder, attempt)
  await writeFile(path, text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const file = { path, bytes: Buffer.byteLength(text), sha256 }
  const staged = await storage.stage(file, dataPath(version), joinPath(STAGING, String(version)), attempt)
  return { attempt, staged, text }
}

async function decide(storage: StorageAdapter, path: StoragePath, ours: Decided): Promise<Decided> {
  const { attempt, staged, text } = ours
  const bytes = new TextEncoder().encode(JSON.stringify({ attempt, staged, text }))
  return persist(async () => {
    await storage.createIfAbsent(path, bytes)
    return JSON.parse(new TextDecoder().decode(await storage.read(path))) as Decided
  })
}

/** Repeats while the store is troubled, or did not say: every step above may be done again. */
export async function persist<T>(step: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step()
    } catch (error) {
      const passing = error instanceof StorageError && (error.retryable || error.kind === 'ambiguous_write')
      if (!passing || tries >= TRIES_MAX) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/** Drops what is staged of versions that are all decided and published. */
export async function vacuum(storage: StorageAdapter): Promise<number> {
  let dropped = 0
  for await (const object of storage.listStaged(STAGING)) {
    await storage.discard(object)
    dropped += 1
  }
  return dropped
}
