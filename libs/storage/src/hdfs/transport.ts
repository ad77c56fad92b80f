import { Agent, type IncomingMessage, type RequestOptions, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StorageError } from '../port.ts'
import { type Asked, answerError, networkError } from './errors.ts'
import { guardedLookup } from './lookup.ts'
import type { HdfsStorageOptions } from './options.ts'

const CONNECTIONS_PER_HOST_MAX = 64
const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 60_000
/** A server closes an idle connection after a while; a request that meets that moment has no certain outcome. */
const IDLE_MS = 4_000
const ERROR_BYTES_MAX = 64 * 1024
/** A page of a listing is about 400 bytes per entry, and by default 1,000 entries. */
const JSON_BYTES_MAX = 64 * 1024 * 1024

export type Method = 'GET' | 'PUT' | 'DELETE'

/** Data to send: read as fast as the server takes it. */
export interface Sending {
  readonly body: AsyncIterable<Uint8Array> | Uint8Array
  readonly bytes: number
}

/** One request: `url` may hold a token, and is never shown. */
export interface Request {
  readonly url: URL
  readonly method: Method
  readonly statuses: readonly number[]
  readonly sending?: Sending
}

/**
 * Single requests over HTTP: no redirect is followed, nothing is repeated, every failure is an HdfsError, and an
 * aborted signal throws its own reason.
 *
 * On node:http and not on undici: undici 7.30.1 takes the `100 Continue` that a DataNode sends unasked (RFC 9110, 15.2,
 * has clients expect that) for a broken answer, and ends the process by a failed assertion when a paused body's
 * connection is closed by the server, as a DataNode does after each answer.
 */
export class Transport {
  readonly #agent: Agent
  readonly #base: RequestOptions
  readonly #answer_ms: number
  readonly #connect_ms: number

  constructor(protocol: string, options: HdfsStorageOptions) {
    const keep = { keepAlive: true, maxSockets: CONNECTIONS_PER_HOST_MAX, timeout: IDLE_MS }
    this.#agent = protocol === 'https:' ? new TlsAgent({ ...keep, ...options.tls }) : new Agent(keep)
    this.#base = { agent: this.#agent, lookup: guardedLookup }
    this.#answer_ms = options.answer_timeout_ms ?? ANSWER_TIMEOUT_MS
    this.#connect_ms = options.connect_timeout_ms ?? CONNECT_TIMEOUT_MS
  }

  /** Resolves with an answer of one of the statuses, its body not read. */
  async send(asked: Asked, request: Request, signal?: AbortSignal): Promise<IncomingMessage> {
    signal?.throwIfAborted()
    try {
      const answer = await this.#exchange(request, signal)
      const status = answer.statusCode ?? 0
      if (request.statuses.includes(status)) return answer
      const said = await read(answer, ERROR_BYTES_MAX)
      throw answerError(asked, status, said, answer.headers['www-authenticate'] ?? '')
    } catch (error) {
      throw failureOf(asked, error, signal)
    }
  }

  /** The whole text of an answer. */
  async text(asked: Asked, answer: IncomingMessage, signal?: AbortSignal): Promise<string> {
    try {
      return await read(answer, JSON_BYTES_MAX)
    } catch (error) {
      throw failureOf(asked, error, signal)
    }
  }

  /** The body as it comes; whoever stops reading ends the connection. */
  async *chunks(asked: Asked, answer: IncomingMessage, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* answer
    } catch (error) {
      throw failureOf(asked, error, signal)
    } finally {
      answer.destroy()
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #exchange({ url, method, sending }: Request, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': sending?.bytes ?? 0 }
    const options = { ...this.#base, method, headers, ...(signal === undefined ? {} : { signal }) }
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options)
    const giveUp = (code: string): void => {
      request.destroy(Object.assign(new Error('the server was silent for too long'), { code }))
    }
    const connecting = setTimeout(giveUp, this.#connect_ms, 'ERR_MILLRACE_CONNECT_TIMEOUT')
    request.once('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connecting)
      else socket.once('connect', () => clearTimeout(connecting))
    })
    request.setTimeout(this.#answer_ms, () => giveUp('ETIMEDOUT'))
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.on('error', reject)
    })
    answered.catch(() => undefined)
    try {
      if (sending === undefined || sending.body instanceof Uint8Array) {
        request.end(sending?.body)
        return await answered
      }
      const sent = pipeline(Readable.from(sending.body, { objectMode: false }), request)
      // An answer before the end of the data is a refusal, and ends the sending.
      return await Promise.race([answered, sent.then(() => answered)])
    } finally {
      clearTimeout(connecting)
    }
  }
}

/** An error of a request or of its body, as ours. Errors of the port (of a local file that is being sent) stay. */
function failureOf(asked: Asked, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return error instanceof StorageError ? error : networkError(asked, error)
}

async function read(body: AsyncIterable<Uint8Array>, bytes_max: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytes_max) throw new Error(`the answer is longer than ${bytes_max} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
