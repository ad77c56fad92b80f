import { describe, expect, it } from 'vitest'
import { openMemoryStorage } from '../../src/memory/index.ts'
import { storagePath } from '../../src/path.ts'
import { interceptStorage, limitStorage, meterStorage, throttleStorage } from '../../src/wrap/index.ts'
import { fakeClock } from '../support/fake-clock.ts'

const PATH = storagePath('a')

describe('the limit', () => {
  it('lets so many calls run at a time, in the order that they came', async () => {
    let [running, most] = [0, 0]
    const order: string[] = []
    const inner = interceptStorage(openMemoryStorage(), async (call, run) => {
      running += 1
      most = Math.max(most, running)
      order.push(call.path)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return run()
    })
    const storage = limitStorage(inner, 3)
    const paths = Array.from({ length: 20 }, (_, i) => storagePath(`p${i}`))
    await Promise.all(paths.map((path) => storage.head(path)))
    expect(most).toBe(3)
    expect(order).toEqual(paths)
  })

  it('gives the place back after a failure, and to nobody who has left', async () => {
    const storage = limitStorage(openMemoryStorage(), 1)
    const abort = new AbortController()
    const blocker = storage.read(PATH).catch((error: { kind: string }) => error.kind)
    const left = storage.head(PATH, abort.signal)
    const next = storage.head(PATH)
    abort.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    expect(await blocker).toBe('not_found')
    expect(await next).toBeUndefined()
  })

  it('of nothing is refused', () => {
    expect(() => limitStorage(openMemoryStorage(), 0)).toThrow(RangeError)
  })
})

describe('the throttle', () => {
  it('spaces calls', async () => {
    const clock = fakeClock()
    const storage = throttleStorage(openMemoryStorage(), { clock, callsPerSecond_max: 10 })
    for (let i = 0; i < 11; i += 1) await storage.head(PATH)
    expect(clock.monotonic_ms()).toBeCloseTo(1000)
  })

  it('counts bytes in both directions', async () => {
    const clock = fakeClock()
    const storage = throttleStorage(openMemoryStorage(), { clock, bytesPerSecond_max: 1000 })
    await storage.createIfAbsent(PATH, new Uint8Array(500))
    await storage.read(PATH)
    await storage.head(PATH)
    expect(clock.monotonic_ms()).toBeCloseTo(1000)
  })
})

describe('the metrics', () => {
  it('count calls, bytes, time and errors per verb', async () => {
    const clock = fakeClock()
    const inner = throttleStorage(openMemoryStorage(), { clock, callsPerSecond_max: 100 })
    const { storage, metrics } = meterStorage(inner, clock)
    await storage.createIfAbsent(PATH, new Uint8Array(7))
    await storage.read(PATH)
    await storage.read(PATH)
    await storage.read(storagePath('none')).catch(() => undefined)
    expect(metrics()).toMatchObject({
      createIfAbsent: { calls: 1, bytes: 7, duration_ms: 0, errors: {} },
      read: { calls: 3, bytes: 14, errors: { not_found: 1 } },
    })
    expect(metrics().read?.duration_ms).toBeCloseTo(30)
    expect(metrics().read?.duration_ms_max).toBeCloseTo(10)
  })
})
