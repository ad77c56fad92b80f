import { describe, expect, it } from 'vitest'
import { openMemoryStorage } from '../../src/memory/index.ts'
import { storagePath } from '../../src/path.ts'
import { type StorageAdapter, StorageError, type StorageErrorKind } from '../../src/port.ts'
import { interceptStorage, isWrite, type Retry, retryStorage } from '../../src/wrap/index.ts'
import { fakeClock } from '../support/fake-clock.ts'

const PATH = storagePath('commits/1')
const BYTES = new Uint8Array([1])

/** Applies a call and then fails it, the first `times` calls. */
function failing(kind: StorageErrorKind, times: number): { inner: StorageAdapter; calls: () => number } {
  let calls = 0
  const inner = interceptStorage(openMemoryStorage(), async (call, run) => {
    calls += 1
    if (calls > times) return run()
    if (kind === 'ambiguous_write' && isWrite(call.verb)) await run()
    throw new StorageError(kind, call.path, kind)
  })
  return { inner, calls: () => calls }
}

describe('retries', () => {
  it('pass over what passes', async () => {
    for (const kind of ['throttled', 'unavailable', 'no_space'] as const) {
      const { inner } = failing(kind, 3)
      const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0.5 } })
      expect(await storage.createIfAbsent(PATH, BYTES)).toBe('created')
    }
  })

  it('pause at random up to a bound that doubles, and is capped', async () => {
    const clock = fakeClock()
    const { inner } = failing('throttled', 8)
    const storage = retryStorage(inner, { clock, random: { next: () => 0.5 }, pause_ms: 1000, pause_ms_max: 30_000 })
    await storage.head(PATH)
    expect(clock.slept_ms).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  })

  it('end after 8, with the last error as it is', async () => {
    const { inner, calls } = failing('unavailable', Infinity)
    const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0 } })
    await expect(storage.head(PATH)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(calls()).toBe(9)
  })

  it('never repeat a create-if-absent whose answer is unknown', async () => {
    const { inner, calls } = failing('ambiguous_write', 1)
    const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0 } })
    await expect(storage.createIfAbsent(PATH, BYTES)).rejects.toMatchObject({ kind: 'ambiguous_write' })
    expect(calls()).toBe(1)
  })

  it('repeat the writes that are idempotent', async () => {
    const { inner, calls } = failing('ambiguous_write', 2)
    const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0 } })
    expect(await storage.remove(PATH)).toBe('absent')
    expect(calls()).toBe(3)
  })

  it.each(['not_found', 'exists', 'permission', 'invalid_path', 'not_supported', 'corrupt', 'unsafe_store'] as const)(
    'do not repeat %s',
    async (kind) => {
      const { inner, calls } = failing(kind, 1)
      const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0 } })
      await expect(storage.head(PATH)).rejects.toMatchObject({ kind })
      expect(calls()).toBe(1)
    },
  )

  it('tell of every pause, and stop at an abort', async () => {
    const retries: Retry[] = []
    const abort = new AbortController()
    const { inner } = failing('throttled', Infinity)
    const onRetry = (retry: Retry): void => {
      retries.push(retry)
      if (retry.number === 3) abort.abort(new Error('enough'))
    }
    const storage = retryStorage(inner, { clock: fakeClock(), random: { next: () => 0 }, onRetry })
    await expect(storage.head(PATH, abort.signal)).rejects.toThrow('enough')
    expect(retries.map(({ number, call }) => [number, call.verb])).toEqual([
      [1, 'head'],
      [2, 'head'],
      [3, 'head'],
    ])
  })

  it('go on with a listing after the last entry that was handed out', async () => {
    const store = openMemoryStorage()
    for (let i = 100; i < 700; i += 1) await store.createIfAbsent(storagePath(`t/${i}`), BYTES)
    const broken: StorageAdapter = {
      ...interceptStorage(store, (_, run) => run()),
      async *list(prefix, after) {
        let yielded = 0
        for await (const meta of store.list(prefix, after)) {
          if ((yielded += 1) > 300) throw new StorageError('unavailable', prefix, 'cut off')
          yield meta
        }
      },
    }
    const storage = retryStorage(broken, { clock: fakeClock(), random: { next: () => 0 } })
    const found: string[] = []
    for await (const meta of storage.list(storagePath('t'))) found.push(meta.path)
    expect(found).toEqual(Array.from({ length: 600 }, (_, i) => `t/${i + 100}`))
  })
})
