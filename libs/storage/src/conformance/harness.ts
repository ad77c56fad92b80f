import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storagePath } from '../path.ts'
import {
  type LocalFile,
  type StagedObject,
  type StorageAdapter,
  StorageError,
  type StorageErrorKind,
  type StoragePath,
} from '../port.ts'

export interface OpenedStorage {
  readonly adapter: StorageAdapter
  cleanup(): Promise<void>
}

export type OpenStorage = () => Promise<OpenedStorage>

/** What a case works with. */
export interface Bench {
  readonly adapter: StorageAdapter
  /** A folder of the local disk, gone afterwards. */
  readonly folder: string
  /** A new finished local file. */
  file(bytes: Uint8Array): Promise<LocalFile>
  /** Stages bytes for a target under an attempt of their own, below `staging`. */
  stage(target: string, bytes: Uint8Array): Promise<StagedObject>
}

export type ConformanceTest = (title: string, run: (bench: Bench) => Promise<void>) => void

export const STAGING = storagePath('_millrace/p/staging/1')

export function harness(open: OpenStorage): ConformanceTest {
  return (title, run) => {
    it(title, async () => {
      const opened = await open()
      const folder = await mkdtemp(join(tmpdir(), 'storage-conformance-'))
      try {
        await run(benchOn(opened.adapter, folder))
      } finally {
        await opened.adapter.close()
        await opened.cleanup()
        await rm(folder, { recursive: true, force: true })
      }
    })
  }
}

function benchOn(adapter: StorageAdapter, folder: string): Bench {
  let made = 0
  const file = async (bytes: Uint8Array): Promise<LocalFile> => {
    made += 1
    const path = join(folder, `local-${made}`)
    await writeFile(path, bytes)
    return { path, bytes: bytes.length, sha256: sha256Hex(bytes) }
  }
  const stage = async (target: string, bytes: Uint8Array): Promise<StagedObject> =>
    adapter.stage(await file(bytes), storagePath(target), STAGING, `attempt-${made}`)
  return { adapter, folder, file, stage }
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

export async function readText(adapter: StorageAdapter, path: string): Promise<string> {
  return new TextDecoder().decode(await adapter.read(storagePath(path)))
}

/** Bytes that differ everywhere and compress badly, the same for the same seed. */
export function noise(bytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  let state = seed | 1
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, bytes)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

export async function pathsBelow(adapter: StorageAdapter, prefix: string, after?: string): Promise<string[]> {
  const metas = await collect(adapter.list(storagePath(prefix), after === undefined ? undefined : storagePath(after)))
  return metas.map((meta) => meta.path)
}

export async function create(adapter: StorageAdapter, path: string, value = path): Promise<StoragePath> {
  expect(await adapter.createIfAbsent(storagePath(path), text(value))).toBe('created')
  return storagePath(path)
}

/** Waits for a StorageError of this kind, and proves that it names a path. */
export async function expectKind(promise: Promise<unknown>, ...kinds: StorageErrorKind[]): Promise<void> {
  const error = await promise.then(
    (value: unknown) => new Error(`no error but ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof StorageError)) throw error
  expect(kinds).toContain(error.kind)
  expect(error.path).not.toBe('')
}
