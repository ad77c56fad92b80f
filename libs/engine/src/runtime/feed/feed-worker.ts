import { parentPort } from 'node:worker_threads'
import { assert, asMillraceError } from '../../core/errors/index.ts'
import type { Feed } from '../feed-port.ts'
import { createFeed } from './feed.ts'
import type { FeedCall, FeedMessage, FeedReply } from './feed-messages.ts'

/** Worker entry: one pipeline's feed and nothing else, since scanning keeps its thread busy. */
const serve = (port: NonNullable<typeof parentPort>): void => {
  const send = (reply: FeedReply): void => port.postMessage(reply)
  const feed = createFeed({ onTrouble: (message) => send({ kind: 'trouble', message }) })
  const answering = new Set<Promise<void>>()
  port.on('message', (message: FeedMessage) => {
    if (message.kind === 'interrupt') return feed.interrupt()
    if (message.kind === 'release') return feed.release(message.ids)
    if (message.kind === 'close') return void end(message)
    const answered = answer(feed, message).then(send)
    answering.add(answered)
    void answered.then(() => answering.delete(answered))
  })
  /** The answer to `close` is the last: calls that it ends are answered before it. */
  const end = async (message: FeedCall & { readonly call: number }): Promise<void> => {
    const closed = await answer(feed, message)
    await Promise.all(answering)
    send(closed)
    port.close()
  }
}

const answer = async (feed: Feed, message: FeedCall & { readonly call: number }): Promise<FeedReply> => {
  const { call } = message
  try {
    return { kind: 'value', call, value: await run(feed, message) }
  } catch (thrown) {
    return { kind: 'error', call, error: asMillraceError(thrown).toPlain() }
  }
}

const run = (feed: Feed, call: FeedCall): Promise<unknown> => {
  switch (call.kind) {
    case 'open':
      return feed.open(call.plan, call.committed)
    case 'next':
      return feed.next(call.request)
    case 'acknowledge':
      return feed.acknowledge(call.positions)
    case 'close':
      return feed.close()
  }
}

assert(parentPort !== null, 'the feed worker is started as a worker thread')
serve(parentPort)
