import { createHash } from 'node:crypto'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { Clock, Random } from '../../src/core/ports.ts'
import {
  type CommitDraft,
  type DraftFile,
  openPipelineLog,
  type PipelineLog,
  type PipelineLogOptions,
  stateRootOf,
} from '../../src/protocol/index.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'

export const TABLE = 'lake/books' as StoragePath
export const STATE = stateRootOf(TABLE, 'books')

/** Sleeping takes a turn of the event loop. */
export const quickClock: Clock = {
  now_ms: () => 0,
  monotonic_ms: () => 0,
  sleep: (_duration_ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason as Error)
      setImmediate(resolve)
    }),
}

export const testRandom = (seed: number): Random => {
  const next = seededRandom(seed)
  return {
    next,
    hex: (bytes) => Array.from({ length: bytes * 2 }, () => Math.floor(next() * 16).toString(16)).join(''),
  }
}

let opened = 0

/** A log of pipeline `books` with one table, both in `store`. Every log has its own chance. */
export const openTestLog = (store: StorageAdapter, options: Partial<PipelineLogOptions> = {}): PipelineLog =>
  openPipelineLog({
    pipeline: 'books',
    state: store,
    stateRoot: STATE,
    targets: new Map([['books', { store, root: TABLE }]]),
    clock: quickClock,
    random: testRandom(++opened),
    logger: { log: () => undefined },
    ...options,
  })

export type WriteLocal = (content: string) => Promise<string>

export const localFile = async (write: WriteLocal, values: readonly unknown[]): Promise<DraftFile> => {
  const content = JSON.stringify(values)
  return {
    path: await write(content),
    rows: values.length,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }
}

/** A batch of the offsets [start, end): two files of rows, one dead letter (its first offset), one state delta. */
export const draftOf = async (
  write: WriteLocal,
  start: number,
  end: number,
  changes: Partial<CommitDraft> = {},
): Promise<CommitDraft> => {
  const rows = Array.from({ length: end - start - 1 }, (_, index) => start + 1 + index)
  const half = Math.ceil(rows.length / 2)
  const parts = [rows.slice(0, half), rows.slice(half)].filter((part) => part.length > 0)
  const tables = await Promise.all(
    parts.map(async (part, index) => ({
      ...(await localFile(write, part)),
      of: 'books',
      partition: `day=2026-01-0${index + 1}`,
    })),
  )
  return {
    start: start === 0 ? {} : { books: { 0: String(start) } },
    end: { books: { 0: String(end) } },
    topicIds: { books: 'topic-1' },
    fingerprint: 'f',
    counts: {},
    tables,
    deadLetters: [await localFile(write, [start])],
    state: [
      { ...(await localFile(write, rows)), stream: 'books', bucket_start_ms: 0, bucket_end_ms: 1_000, kind: 'delta' },
    ],
    stateSnapshot: false,
    droppedBuckets: [],
    recordTimes_ms: { books: { 0: end } },
    batchTime: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

export const endOf = (positions: { readonly [topic: string]: { readonly [partition: string]: string } } | undefined) =>
  Number(positions?.['books']?.['0'] ?? '0')

/** All values of the files below a path, as a reader of the table would see them. */
export const valuesBelow = async (store: StorageAdapter, root: StoragePath): Promise<number[]> => {
  const values: number[] = []
  for await (const { path } of store.list(root))
    values.push(...(JSON.parse(new TextDecoder().decode(await store.read(path))) as number[]))
  return values.sort((a, b) => a - b)
}
