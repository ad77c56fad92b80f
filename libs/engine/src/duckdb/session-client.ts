import { Worker, type WorkerOptions } from 'node:worker_threads'
import { asMillraceError, MillraceError } from '../core/errors/index.ts'
import type { SessionMethod, SessionReply } from './session-messages.ts'
import type { Session } from './session-port.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: MillraceError) => void
}

/**
 * Shared memory lives until the handles to it are collected, and this thread makes little other garbage: with little
 * room for handles they are collected soon.
 */
const YOUNG_MB_MAX = 2

/**
 * A session in a worker thread of its own. `url` is the worker's entry (`session-worker.ts`, or its bundle). Segments'
 * shared memory is shared, not copied. When the worker dies, calls that wait and calls to come are rejected with
 * ENG_DUCKDB_WORKER_LOST: the caller makes a new session.
 */
export const createSessionWorker = (url: URL, options: WorkerOptions = {}): Session => {
  const worker = new Worker(url, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX }, ...options })
  const waiting = new Map<number, Waiting>()
  let calls = 0
  let closing = false
  let lost: MillraceError | undefined

  const lose = (message: string, cause?: unknown): void => {
    lost ??= new MillraceError('ENG_DUCKDB_WORKER_LOST', message, { cause })
    for (const { reject } of waiting.values()) reject(lost)
    waiting.clear()
  }
  worker.on('message', (reply: SessionReply) => {
    const call = waiting.get(reply.call)
    waiting.delete(reply.call)
    if (reply.ok) call?.resolve(reply.value)
    else call?.reject(MillraceError.revive(reply.error))
  })
  worker.on('error', (error) => lose(`the DuckDB worker died: ${asMillraceError(error).message}`, error))
  worker.on('exit', (code) => lose(closing ? 'the session is closed' : `the DuckDB worker exited with ${code}`))

  const send = <T>(method: SessionMethod, args: readonly unknown[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (lost !== undefined) return reject(lost)
      const call = calls++
      waiting.set(call, { resolve: resolve as (value: unknown) => void, reject })
      worker.postMessage({ call, method, args })
    })

  return {
    open: (plan, folders) => send('open', [plan, folders]),
    restore: (files) => send('restore', [files]),
    execute: (input) => send('execute', [input]),
    close: async () => {
      if (closing) return
      closing = true
      if (lost === undefined) await send('close', []).catch(() => undefined)
      await worker.terminate()
    },
  }
}
