import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Fault,
  type FaultProxy,
  nthRequestPlan,
  randomFaultPlan,
  startFaultProxy,
} from '../../src/fault-proxy/index.ts'

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

describe('a fault proxy', () => {
  /** Bodies of the requests that the server has applied. */
  let applied: string[] = []
  let server: Server
  let proxy: FaultProxy
  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      const chunks: Buffer[] = []
      incoming.on('error', () => undefined)
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        applied.push(Buffer.concat(chunks).toString())
        if (incoming.url === '/moved') answer.writeHead(307, { location: 'http://data.node:1/x' }).end()
        else answer.end(`${incoming.method} ${incoming.url} ${incoming.headers.host}`.padEnd(100, '.'))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    proxy = await startFaultProxy({ target, rewriteLocation: (location) => location.replace('data.node:1', 'proxied') })
  })
  afterAll(async () => {
    await proxy.close()
    server.close()
  })
  afterEach(() => {
    proxy.setPlan(undefined)
    applied = []
  })

  const send = (body: string, timeout_ms = 300, path = '/a%2Fb?x=%20'): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const call = request(proxy.endpoint + path, { method: 'PUT', agent: false, timeout: timeout_ms }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        )
      })
      call.on('timeout', () => call.destroy(new Error('timeout')))
      call.on('error', reject)
      call.end(body)
    })
  const meet = (fault: Fault, body = 'hello', timeout_ms = 300): Promise<Reply> => {
    proxy.setPlan(nthRequestPlan(1, fault))
    return send(body, timeout_ms)
  }

  it('passes requests on as they are, host header included', async () => {
    const { status, body } = await send('hello')
    expect([status, body]).toEqual([200, `PUT /a%2Fb?x=%20 127.0.0.1:${proxy.port}`.padEnd(100, '.')])
    expect(applied).toEqual(['hello'])
    expect(proxy.requests.at(-1)).toMatchObject({ method: 'PUT', url: '/a%2Fb?x=%20' })
  })

  it('answers itself without the server', async () => {
    expect(await meet({ kind: 'answer', status: 503, body: 'busy' })).toMatchObject({ status: 503, body: 'busy' })
    expect(await meet({ kind: 'redirect', location: 'http://elsewhere/' })).toMatchObject({
      status: 307,
      headers: { location: 'http://elsewhere/' },
    })
    await expect(meet({ kind: 'timeout_before' })).rejects.toThrow('timeout')
    await expect(meet({ kind: 'reset_request', after_bytes: 0 })).rejects.toThrow('ECONNRESET')
    await expect(meet({ kind: 'reset_request', after_bytes: 2 })).rejects.toThrow('ECONNRESET')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(applied).toEqual([])
  })

  it('loses answers of what the server applied', async () => {
    expect(await meet({ kind: 'answer_after', status: 500 }, 'a')).toMatchObject({ status: 500 })
    await expect(meet({ kind: 'timeout_after' }, 'b')).rejects.toThrow('timeout')
    await expect(meet({ kind: 'reset_after' }, 'c')).rejects.toThrow('ECONNRESET')
    expect(applied).toEqual(['a', 'b', 'c'])
  })

  it('lets a request land after its client was told that it failed', async () => {
    await expect(meet({ kind: 'late', delay_ms: 50 })).rejects.toThrow('ECONNRESET')
    expect(applied).toEqual([])
    await proxy.settled()
    expect(applied).toEqual(['hello'])
  })

  it('cuts answers short', async () => {
    await expect(meet({ kind: 'truncate_response', after_bytes: 10 })).rejects.toThrow('aborted')
    expect(applied).toEqual(['hello'])
  })

  it('slows bodies down', async () => {
    const start_ms = performance.now()
    const { body } = await meet({ kind: 'slow', bytesPerSecond: 1_000 }, 'x'.repeat(200), 5_000)
    expect(performance.now() - start_ms).toBeGreaterThan(250)
    expect(body).toHaveLength(100)
    expect(applied).toEqual(['x'.repeat(200)])
  })

  it('runs what a plan prepares before it passes on', async () => {
    const run = async (): Promise<void> => {
      applied.push('prepared')
    }
    expect((await meet({ kind: 'prepare', run })).status).toBe(200)
    expect(applied).toEqual(['prepared', 'hello'])
  })

  it("rewrites the server's own redirects", async () => {
    expect((await send('', 300, '/moved')).headers['location']).toBe('http://proxied/x')
  })

  it('does the same again with the same seed', () => {
    const faults: readonly Fault[] = [{ kind: 'reset_after' }, { kind: 'timeout_after' }]
    const drawn = [0.1, 0.9, 0.6, 0.1, 0.2]
    const random = (): number => drawn.shift() ?? 1
    const plan = randomFaultPlan(random, 0.5, faults)
    const some = { n: 1, method: 'PUT', url: '/', headers: {} }
    expect([plan(some), plan(some), plan(some)]).toEqual([faults[1], undefined, faults[0]])
  })
})
