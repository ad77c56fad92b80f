import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { paced, whole } from './bodies.ts'
import type { Fault, FaultPlan, ProxiedRequest } from './plan.ts'

export interface FaultProxyOptions {
  /** `http://host:port` of the real server. */
  readonly target: string
  /** Default: everything passes. */
  readonly plan?: FaultPlan
  /** Rewrites the `Location` of the server's own redirects, e.g. to lead through another proxy. */
  readonly rewriteLocation?: (location: string) => string
}

export interface FaultProxy {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string
  readonly port: number
  /** Every request since the start, in order of arrival. */
  readonly requests: readonly ProxiedRequest[]
  /** Requests that met a fault. */
  readonly injected: number
  /** Replaces the plan for the requests to come. */
  setPlan(plan: FaultPlan | undefined): void
  /** Resolves when requests with fault `late` have reached the server. */
  settled(): Promise<void>
  /** Cuts every connection and ends. */
  close(): Promise<void>
}

/**
 * A real TCP proxy on a loopback port of its own, in front of one HTTP server. It passes requests on as they are, host
 * header included (signatures stay valid), and fails those that the plan picks.
 */
export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  const proxy = new Proxying(options)
  await proxy.listen()
  return proxy
}

class Proxying implements FaultProxy {
  readonly requests: ProxiedRequest[] = []
  injected = 0
  readonly #options: FaultProxyOptions
  readonly #target: URL
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #late = new Set<Promise<unknown>>()
  #plan: FaultPlan | undefined

  constructor(options: FaultProxyOptions) {
    this.#options = options
    this.#target = new URL(options.target)
    this.#plan = options.plan
    this.#server = createServer((incoming, answer) => this.#onRequest(incoming, answer))
    this.#server.requestTimeout = 0
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  setPlan(plan: FaultPlan | undefined): void {
    this.#plan = plan
  }

  async settled(): Promise<void> {
    await Promise.all(this.#late)
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  #onRequest(incoming: IncomingMessage, answer: ServerResponse): void {
    const request = {
      n: this.requests.length + 1,
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
    }
    this.requests.push(request)
    const fault = this.#plan?.(request)
    if (fault !== undefined) this.injected += 1
    incoming.on('error', () => undefined)
    answer.on('error', () => undefined)
    const { socket } = incoming
    this.#serve(fault, incoming, answer).catch(() => socket.resetAndDestroy())
  }

  async #serve(fault: Fault | undefined, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    switch (fault?.kind) {
      case undefined:
        return this.#pass(incoming, answer)
      case 'prepare':
        await fault.run()
        return this.#pass(incoming, answer)
      case 'slow':
        return this.#pass(incoming, answer, { bytesPerSecond: fault.bytesPerSecond })
      case 'truncate_response':
        return this.#pass(incoming, answer, { response_bytes_max: fault.after_bytes })
      case 'answer':
        await drained(incoming)
        return say(answer, incoming, fault.status, fault.headers, fault.body)
      case 'redirect':
        await drained(incoming)
        return say(answer, incoming, fault.status ?? 307, { location: fault.location }, '')
      case 'answer_after':
        await this.#apply(incoming)
        return say(answer, incoming, fault.status, fault.headers, fault.body)
      case 'reset_request':
        return this.#cut(incoming, fault.after_bytes)
      case 'reset_after':
        await this.#apply(incoming)
        incoming.socket.resetAndDestroy()
        return
      case 'timeout_before':
        return drained(incoming)
      case 'timeout_after':
        return this.#apply(incoming)
      case 'late':
        return this.#applyLate(incoming, fault.delay_ms)
      default:
        fault satisfies never
    }
  }

  #forward(incoming: IncomingMessage) {
    const { hostname, port } = this.#target
    const { method, url: path, rawHeaders } = incoming
    return open({ hostname, port, method, path, headers: headersOf(rawHeaders), agent: false, setHost: false })
  }

  async #pass(
    incoming: IncomingMessage,
    answer: ServerResponse,
    limits: { readonly bytesPerSecond?: number; readonly response_bytes_max?: number } = {},
  ): Promise<void> {
    const forward = this.#forward(incoming)
    answer.once('close', () => forward.destroy())
    const reply = new Promise<IncomingMessage>((resolve, reject) => {
      forward.once('response', resolve)
      forward.once('error', reject)
    })
    const { bytesPerSecond, response_bytes_max } = limits
    const body = bytesPerSecond === undefined ? incoming : incoming.pipe(paced(bytesPerSecond))
    body.pipe(forward)
    const response = await reply
    answer.writeHead(response.statusCode ?? 502, this.#answerHeaders(response))
    if (response_bytes_max !== undefined) return truncate(response, answer, response_bytes_max)
    const out = bytesPerSecond === undefined ? response : response.pipe(paced(bytesPerSecond))
    out.pipe(answer)
    response.once('aborted', () => incoming.socket.resetAndDestroy())
    await finished(answer).catch(() => undefined)
  }

  #answerHeaders(response: IncomingMessage): string[] {
    const { rewriteLocation } = this.#options
    if (rewriteLocation === undefined) return response.rawHeaders
    return response.rawHeaders.map((value, i, all) =>
      i % 2 === 1 && all[i - 1]?.toLowerCase() === 'location' ? rewriteLocation(value) : value,
    )
  }

  /** Lets the server do it, and reads its answer to the end. */
  async #apply(incoming: IncomingMessage): Promise<void> {
    await this.#send(incoming, await whole(incoming))
  }

  #applyLate(incoming: IncomingMessage, delay_ms: number): Promise<void> {
    const landed = whole(incoming).then(async (body) => {
      incoming.socket.resetAndDestroy()
      await new Promise((resolve) => setTimeout(resolve, delay_ms))
      await this.#send(incoming, body)
    })
    const quiet = landed.catch(() => undefined).finally(() => this.#late.delete(quiet))
    this.#late.add(quiet)
    return Promise.resolve()
  }

  #send(incoming: IncomingMessage, body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const forward = this.#forward(incoming)
      forward.once('error', reject)
      forward.once('response', (response) => {
        response.once('error', reject)
        response.once('end', resolve)
        response.resume()
      })
      forward.end(body)
    })
  }

  /** Passes part of the body on, then cuts both sides, so that the server sees a client that died. */
  async #cut(incoming: IncomingMessage, after_bytes: number): Promise<void> {
    if (after_bytes === 0) {
      incoming.socket.resetAndDestroy()
      return
    }
    const { socket } = incoming
    const forward = this.#forward(incoming)
    forward.on('error', () => undefined)
    let left = after_bytes
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      forward.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) break
    }
    forward.destroy()
    socket.resetAndDestroy()
  }
}

const drained = async (incoming: IncomingMessage): Promise<void> => {
  incoming.resume()
  await finished(incoming).catch(() => undefined)
}

const say = (
  answer: ServerResponse,
  incoming: IncomingMessage,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): void => {
  answer.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  answer.end(incoming.method === 'HEAD' ? undefined : body)
}

const truncate = async (response: IncomingMessage, answer: ServerResponse, bytes: number): Promise<void> => {
  answer.flushHeaders()
  let left = bytes
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (left > 0) await new Promise((resolve) => answer.write(chunk.subarray(0, left), resolve))
    left -= chunk.length
    if (left <= 0) break
  }
  answer.socket?.destroy()
}

/** As received, repeated names and their order included. */
const headersOf = (raw: readonly string[]): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i]!.toLowerCase(), raw[i + 1]!]
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  // The proxy has answered this itself; the server need not wait.
  delete headers['expect']
  return headers
}
