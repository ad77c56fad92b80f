import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { books } from '@millrace/testkit/generators'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFeedWorker } from '../../../src/runtime/feed/index.ts'
import type { Feed } from '../../../src/runtime/feed-port.ts'
import { produceToLog } from '../../../src/sources/produce/index.ts'
import { booksPlan, booksStream, logSource } from './books-plan.ts'

const source = new URL('../../../src/runtime/feed/feed-worker.ts', import.meta.url)
let bundle: string
let directory: string
let feed: Feed
let trouble: (string | undefined)[]

beforeAll(async () => {
  bundle = mkdtempSync(join(tmpdir(), 'millrace-feed-bundle-'))
  // Worker threads run JavaScript: the entry is bundled as the application bundles it.
  await build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(bundle, 'feed-worker.cjs'),
    logLevel: 'error',
  })
})
afterAll(() => rmSync(bundle, { recursive: true, force: true }))
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-feed-worker-'))
  trouble = []
  feed = createFeedWorker(pathToFileURL(join(bundle, 'feed-worker.cjs')), { onTrouble: (m) => trouble.push(m) })
})
afterEach(async () => {
  await feed.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('feed worker', () => {
  it('hands out the same segments as a feed in this thread would, in shared memory', async () => {
    await produceToLog({ directory, topic: 'books', partitions: 2, count: 500 }, books({ seed: 1 }))
    const start = await feed.open(booksPlan([booksStream(logSource(directory))]), undefined)
    let messages = 0
    for (let done = false; !done; ) {
      const batch = await feed.next({ bytes_max: 100_000, rows_max: 100_000, linger_ms: 0, until: start.latest })
      for (const segment of batch.segments) {
        messages += segment.messages
        expect(segment.raw).toBeInstanceOf(SharedArrayBuffer)
      }
      feed.release(batch.segments.map(({ id }) => id))
      done = batch.done
    }
    expect(messages).toBe(500)
  })

  it('passes trouble and errors on with their codes, and ends while it waits', async () => {
    const plan = booksPlan([booksStream(logSource(directory))])
    const opening = feed.open(plan, undefined)
    await expect.poll(() => trouble, { timeout: 20_000 }).toEqual([expect.stringContaining('does not exist')])
    const closed = feed.close()
    await expect(opening).rejects.toMatchObject({ name: 'MillraceError', code: 'ENG_KAFKA_TOPIC_UNKNOWN' })
    await closed
    await expect(feed.next({ bytes_max: 1, rows_max: 1, linger_ms: 0 })).rejects.toMatchObject({
      code: 'ENG_FEED_WORKER_LOST',
    })
  })

  it('can be interrupted while it waits for data', async () => {
    await produceToLog({ directory, topic: 'books', partitions: 1, count: 0 }, [])
    await feed.open(booksPlan([booksStream(logSource(directory))]), undefined)
    const waiting = feed.next({ bytes_max: 1_000, rows_max: 1_000, linger_ms: 0 })
    setTimeout(() => feed.interrupt(), 100)
    expect(await waiting).toMatchObject({ segments: [], done: false })
  })
})
