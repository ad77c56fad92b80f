import { createSessionWorker } from '@millrace/engine/duckdb/session-client.ts'
import type { Session } from '@millrace/engine/duckdb/session-port.ts'
import { createFeedWorker } from '@millrace/engine/runtime/feed/feed-client.ts'
import type { Feed, FeedEvents } from '@millrace/engine/runtime/feed-port.ts'

const feedUrl = new URL('./feed-worker.js', import.meta.url)
const sessionUrl = new URL('./session-worker.js', import.meta.url)

/** Makes the worker threads of pipelines. */
export interface Workers {
  readonly createFeed: (events: FeedEvents) => Feed
  readonly createSession: () => Session
  /** Ends the threads that nobody asked for. */
  close(): Promise<void>
}

/**
 * Starts one feed and one session at once, before it is known who will use them: they load their libraries while the
 * main thread compiles.
 */
export const startWorkers = (): Workers => {
  let spareEvents: FeedEvents | undefined
  let feed: Feed | undefined = createFeedWorker(feedUrl, { onTrouble: (message) => spareEvents?.onTrouble(message) })
  let session: Session | undefined = createSessionWorker(sessionUrl)
  return {
    createFeed: (events) => {
      if (feed === undefined) return createFeedWorker(feedUrl, events)
      const spare = feed
      spareEvents = events
      feed = undefined
      return spare
    },
    createSession: () => {
      const spare = session ?? createSessionWorker(sessionUrl)
      session = undefined
      return spare
    },
    close: async () => {
      await Promise.allSettled([feed?.close(), session?.close()])
    },
  }
}
