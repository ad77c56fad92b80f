import { Worker, type WorkerOptions } from 'node:worker_threads'
import { asMillraceError, MillraceError } from '../../core/errors/index.ts'
import type { Feed, FeedEvents } from '../feed-port.ts'
import type { FeedCall, FeedCommand, FeedReply } from './feed-messages.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: MillraceError) => void
}

/**
 * Buffers with answers of the broker are garbage at once, but live until the young generation is full of their small
 * handles: with little room for those, megabytes come free soon.
 */
const YOUNG_MB_MAX = 2

/**
 * A feed in a worker thread of its own. `url` is the worker's entry (`feed-worker.ts`, or its bundle). Segments' shared
 * memory is shared, not copied. When the worker dies, calls that wait and calls to come are rejected with
 * ENG_FEED_WORKER_LOST: the caller makes a new feed.
 */
export const createFeedWorker = (url: URL, events: FeedEvents, options: WorkerOptions = {}): Feed => {
  const worker = new Worker(url, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX }, ...options })
  const waiting = new Map<number, Waiting>()
  let calls = 0
  let closing: Promise<void> | undefined
  let lost: MillraceError | undefined

  const lose = (message: string, cause?: unknown): void => {
    lost ??= new MillraceError('ENG_FEED_WORKER_LOST', message, { cause })
    for (const { reject } of waiting.values()) reject(lost)
    waiting.clear()
  }
  worker.on('message', (reply: FeedReply) => {
    if (reply.kind === 'trouble') {
      events.onTrouble(reply.message)
      return
    }
    const call = waiting.get(reply.call)
    waiting.delete(reply.call)
    if (reply.kind === 'value') call?.resolve(reply.value as never)
    else call?.reject(MillraceError.revive(reply.error))
  })
  worker.on('error', (error) => lose(`the feed worker died: ${asMillraceError(error).message}`, error))
  worker.on('exit', (code) =>
    lose(closing === undefined ? `the feed worker exited with ${code}` : 'the feed is closed'),
  )

  const send = <T>(message: FeedCall): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (lost !== undefined) return reject(lost)
      const call = calls++
      waiting.set(call, { resolve: resolve as (value: never) => void, reject })
      worker.postMessage({ ...message, call })
    })
  const tell = (message: FeedCommand): void => {
    if (lost === undefined) worker.postMessage(message)
  }

  return {
    open: (plan, committed) => send({ kind: 'open', plan, committed }),
    next: (request) => send({ kind: 'next', request }),
    acknowledge: (positions) => send({ kind: 'acknowledge', positions }),
    interrupt: () => tell({ kind: 'interrupt' }),
    release: (ids) => tell({ kind: 'release', ids }),
    close: () => {
      closing ??= (lost === undefined ? send<void>({ kind: 'close' }) : Promise.resolve())
        .catch(() => undefined)
        .then(() => worker.terminate())
        .then(() => undefined)
      return closing
    },
  }
}
