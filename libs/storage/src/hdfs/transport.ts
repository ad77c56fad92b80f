import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { StorageError } from '../port.ts'
import { type Asked, answerError, networkError } from './errors.ts'
import type { HdfsStorageOptions } from './options.ts'
import { isForbiddenAddress } from './redirect.ts'

const CONNECTIONS_PER_HOST_MAX = 64
const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 60_000
const ERROR_BYTES_MAX = 64 * 1024
/** A page of a listing is about 400 bytes per entry, and by default 1,000 entries. */
const JSON_BYTES_MAX = 64 * 1024 * 1024

export type Method = 'GET' | 'PUT' | 'DELETE'

export interface Sending {
  readonly body: AsyncIterable<Uint8Array> | Uint8Array
  readonly bytes: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Dispatcher.ResponseData['body']
}

/**
 * Single requests over HTTP: no redirect is followed, nothing is repeated, every failure is an HdfsError, and an
 * aborted signal throws its own reason.
 */
export class Transport {
  readonly #agent: Agent

  constructor(options: HdfsStorageOptions) {
    const answer_ms = options.answer_timeout_ms ?? ANSWER_TIMEOUT_MS
    const timeout = options.connect_timeout_ms ?? CONNECT_TIMEOUT_MS
    this.#agent = new Agent({
      connections: CONNECTIONS_PER_HOST_MAX,
      connect: { timeout, lookup: guardedLookup, ...options.tls },
      headersTimeout: answer_ms,
      bodyTimeout: answer_ms,
    })
  }

  /** Resolves with an answer of one of these statuses, its body not read. */
  async send(
    asked: Asked,
    url: string,
    method: Method,
    statuses: readonly number[],
    sending?: Sending,
    signal?: AbortSignal,
  ): Promise<Answer> {
    signal?.throwIfAborted()
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
    if (sending !== undefined) headers['content-length'] = String(sending.bytes)
    try {
      const body = sending === undefined ? null : (sending.body as Uint8Array)
      const sent = await request(url, { dispatcher: this.#agent, method, headers, body, signal: signal ?? null })
      const answer: Answer = { status: sent.statusCode, headers: sent.headers, body: sent.body }
      if (statuses.includes(answer.status)) return answer
      const said = await read(answer.body, ERROR_BYTES_MAX).catch(() => '')
      throw answerError(asked, answer.status, said, String(answer.headers['www-authenticate'] ?? ''))
    } catch (error) {
      throw failureOf(asked, error, signal)
    }
  }

  /** The whole text of an answer. */
  async text(asked: Asked, answer: Answer, signal?: AbortSignal): Promise<string> {
    try {
      return await read(answer.body, JSON_BYTES_MAX)
    } catch (error) {
      throw failureOf(asked, error, signal)
    }
  }

  /** The body as it comes; whoever stops reading ends the connection. */
  async *chunks(asked: Asked, answer: Answer, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* answer.body as AsyncIterable<Uint8Array>
    } catch (error) {
      throw failureOf(asked, error, signal)
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

/** An error of a request or of its body, as ours. Errors of the port (of a local file that is being sent) stay. */
function failureOf(asked: Asked, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof StorageError) return error
  return networkError(asked, error)
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

/** A name must not lead where a redirect may not: names can be made to point at the cloud's own addresses. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
    if (error === null && addresses.some(isForbiddenAddress)) {
      const message = 'the name leads to a link-local or unspecified address'
      const refused = Object.assign(new Error(message), { code: 'ERR_MILLRACE_FORBIDDEN_ADDRESS' })
      callback(refused, found, family)
      return
    }
    callback(error, found, family)
  })
}
