import { parentPort } from 'node:worker_threads'
import { asMillraceError, assert } from '../core/errors/index.ts'
import { createSession } from './session.ts'
import type { SessionReply, SessionRequest } from './session-messages.ts'
import type { Session } from './session-port.ts'

/**
 * Worker entry: one pipeline's session and nothing else, because DuckDB asks this thread's event loop for every chunk
 * of an arena. Calls are run one after the other, in the order of their arrival.
 */
const serve = (port: NonNullable<typeof parentPort>): void => {
  const session = createSession()
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: SessionRequest) => {
    last = last.then(() => answer(session, request)).then((reply) => port.postMessage(reply))
    if (request.method === 'close') last = last.then(() => port.close())
  })
}

const run = (session: Session, request: SessionRequest): Promise<unknown> => {
  switch (request.method) {
    case 'open':
      return session.open(...request.args)
    case 'restore':
      return session.restore(...request.args)
    case 'execute':
      return session.execute(...request.args)
    case 'close':
      return session.close()
  }
}

const answer = async (session: Session, request: SessionRequest): Promise<SessionReply> => {
  try {
    return { call: request.call, ok: true, value: await run(session, request) }
  } catch (thrown) {
    return { call: request.call, ok: false, error: asMillraceError(thrown).toPlain() }
  }
}

assert(parentPort !== null, 'the session worker is started as a worker thread')
serve(parentPort)
