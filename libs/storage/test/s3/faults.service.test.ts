import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fault, type FaultProxy, nthRequestPlan, randomFaultPlan } from '../../../testkit/src/fault-proxy/index.ts'
import { startFaultProxy } from '../../../testkit/src/fault-proxy/index.ts'
import { requireOrSkip } from '../../../testkit/src/require-or-skip.ts'
import { checkS3, type S3Service, startS3 } from '../../../testkit/src/s3/index.ts'
import { expectKind, noise, sha256Hex, text } from '../../src/conformance/harness.ts'
import { storagePath } from '../../src/path.ts'
import type { StorageAdapter } from '../../src/port.ts'
import { type FaultMode, faultStorage, nthFault } from '../../src/wrap/index.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'
import { dataPath, type Decided, persist, recordPath, vacuum, writeVersions } from '../support/two-writers.ts'
import { openOn, plainClient } from './service.ts'

const IMPATIENT = { idle_ms_max: 400, connect_ms_max: 2_000 }
const SLOW_DOWN = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
const INTERNAL = '<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>'
const EXPIRED = '<Error><Code>ExpiredToken</Code><Message>expired</Message><Token-0>hush</Token-0></Error>'

/** Faults after which a run goes on. */
const PASSING: readonly Fault[] = [
  { kind: 'answer', status: 500, body: INTERNAL },
  { kind: 'answer', status: 503, body: SLOW_DOWN },
  { kind: 'answer', status: 429 },
  { kind: 'answer_after', status: 500, body: INTERNAL },
  { kind: 'answer_after', status: 503 },
  { kind: 'reset_request', after_bytes: 0 },
  { kind: 'reset_request', after_bytes: 20 },
  { kind: 'reset_after' },
  { kind: 'timeout_before' },
  { kind: 'timeout_after' },
  { kind: 'late', delay_ms: 100 },
  { kind: 'slow', bytesPerSecond: 10_000 },
  { kind: 'truncate_response', after_bytes: 5 },
]

const SEED = Number(process.env['SEED'] ?? 1)
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 50)
const AT_ONCE = 5

describe.skipIf(!(await requireOrSkip('S3', checkS3)))('S3 through faults', () => {
  let service: S3Service
  let folder: string
  beforeAll(async () => {
    service = await startS3()
    folder = await mkdtemp(join(tmpdir(), 'storage-s3-'))
  })
  afterAll(async () => {
    await service?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const through = async (
    use: (proxy: FaultProxy, storage: StorageAdapter, bucket: string) => Promise<void>,
  ): Promise<void> => {
    const proxy = await startFaultProxy({ target: service.endpoint })
    const bucket = await service.bucket()
    const storage = openOn(service, bucket, { endpoint: proxy.endpoint, ...IMPATIENT })
    try {
      await use(proxy, storage, bucket)
    } finally {
      await storage.close()
      await proxy.settled()
      await proxy.close()
    }
  }
  const record = storagePath('commits/1')

  const UNCLEAR: readonly (readonly [string, Fault, 'written' | 'absent'])[] = [
    ['a timeout before the server had it', { kind: 'timeout_before' }, 'absent'],
    ['a timeout after the server applied it', { kind: 'timeout_after' }, 'written'],
    ['a reset in the midst of the body', { kind: 'reset_request', after_bytes: 3 }, 'absent'],
    ['a reset after the server applied it', { kind: 'reset_after' }, 'written'],
    ['a 500', { kind: 'answer', status: 500, body: INTERNAL }, 'absent'],
    ['a 500 though the server applied it', { kind: 'answer_after', status: 500, body: INTERNAL }, 'written'],
    ["a gateway's 503 though the server applied it", { kind: 'answer_after', status: 503 }, 'written'],
    ['a 502 of a gateway', { kind: 'answer', status: 502, body: '<html>' }, 'absent'],
  ]

  it.each(UNCLEAR)('a record whose answer was %s is ambiguous, and sent once', async (_name, fault, outcome) => {
    await through(async (proxy, storage) => {
      proxy.setPlan(nthRequestPlan(1, fault))
      await expectKind(storage.createIfAbsent(record, text('ours')), 'ambiguous_write')
      expect(proxy.requests).toHaveLength(1)
      expect(await storage.createIfAbsent(record, text('late'))).toBe(outcome === 'written' ? 'exists' : 'created')
    })
  })

  it('a refusal for load or by a lost session is no ambiguous write', async () => {
    await through(async (proxy, storage) => {
      proxy.setPlan(nthRequestPlan(1, { kind: 'answer', status: 503, body: SLOW_DOWN }))
      await expectKind(storage.createIfAbsent(record, text('x')), 'throttled')
      proxy.setPlan(nthRequestPlan(1, { kind: 'answer', status: 429 }))
      await expectKind(storage.createIfAbsent(record, text('x')), 'throttled')
      proxy.setPlan(nthRequestPlan(1, { kind: 'answer', status: 400, body: EXPIRED }))
      const expired = await storage.createIfAbsent(record, text('x')).catch((error: unknown) => error)
      expect(expired).toMatchObject({ kind: 'permission', message: expect.stringContaining('token has expired') })
      expect(JSON.stringify([expired, (expired as Error).cause, String((expired as Error).cause)])).not.toContain(
        'hush',
      )
    })
  })

  it('a 409 conflict is asked again, a 412 is an answer', async () => {
    await through(async (proxy, storage) => {
      const conflict = '<Error><Code>ConditionalRequestConflict</Code></Error>'
      proxy.setPlan(nthRequestPlan(1, { kind: 'answer', status: 409, body: conflict }))
      expect(await storage.createIfAbsent(record, text('x'))).toBe('created')
      expect(await storage.createIfAbsent(record, text('y'))).toBe('exists')
      expect(proxy.requests).toHaveLength(3)
    })
  })

  it('a redirect to a foreign host is not followed', async () => {
    const foreign = await startFaultProxy({ target: service.endpoint })
    await through(async (proxy, storage) => {
      proxy.setPlan(() => ({ kind: 'redirect', location: `${foreign.endpoint}/elsewhere` }))
      const calls = [
        () => storage.createIfAbsent(record, text('x')),
        () => storage.read(record),
        () => storage.head(record),
      ]
      for (const call of calls) {
        const error = await call().catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ kind: 'not_supported', message: expect.stringContaining('redirects') })
      }
      expect(foreign.requests).toHaveLength(0)
    })
    await foreign.close()
  })

  it.each(PASSING.map((fault) => [JSON.stringify(fault), fault] as const))(
    'a completion that meets %s is done after all',
    async (_name, fault) => {
      await through(async (proxy, storage, bucket) => {
        const bytes = noise(5_000, 3)
        const path = join(folder, 'rows')
        await writeFile(path, bytes)
        const file = { path, bytes: bytes.length, sha256: sha256Hex(bytes) }
        const staged = await storage.stage(file, storagePath('books/x'), storagePath('_millrace/s'), 'a')
        let met = 0
        proxy.setPlan(({ method }) => {
          if (method !== 'POST' || met > 0) return undefined
          met += 1
          return fault
        })
        expect(['published', 'already']).toContain(await persist(() => storage.publish(staged)))
        expect(met).toBe(1)
        expect(await storage.publish(staged)).toBe('already')
        expect(sha256Hex(await plainClient(service, bucket).bytes('lake/books/x'))).toBe(file.sha256)
      })
    },
  )

  it('a completion that fails within a 200 is not taken for success', async () => {
    await through(async (proxy, storage) => {
      const path = join(folder, 'small')
      await writeFile(path, 'rows')
      const file = { path, bytes: 4, sha256: sha256Hex(text('rows')) }
      const staged = await storage.stage(file, storagePath('books/x'), storagePath('_millrace/s'), 'a')
      proxy.setPlan(({ method }) => (method === 'POST' ? { kind: 'answer', status: 200, body: INTERNAL } : undefined))
      await expectKind(storage.publish(staged), 'ambiguous_write', 'unavailable')
      expect(await storage.head(staged.target)).toBeUndefined()
      proxy.setPlan(undefined)
      expect(await storage.publish(staged)).toBe('published')
    })
  })

  it('a download that breaks off leaves no file, and a read no bytes', async () => {
    await through(async (proxy, storage) => {
      const path = storagePath('big')
      await storage.createIfAbsent(path, noise(300_000, 5))
      for (const fault of [
        { kind: 'truncate_response', after_bytes: 100_000 },
        { kind: 'truncate_response', after_bytes: 0 },
      ] as const) {
        proxy.setPlan(({ method }) => (method === 'GET' ? fault : undefined))
        await expectKind(storage.download(path, join(folder, 'out')), 'unavailable')
        await expectKind(storage.read(path), 'unavailable')
      }
      expect((await readdir(folder)).filter((name) => name === 'out' || name.endsWith('.tmp'))).toEqual([])
    })
  })

  it('a slow store is waited for', async () => {
    await through(async (proxy, _impatient, bucket) => {
      const storage = openOn(service, bucket, { endpoint: proxy.endpoint })
      const bytes = noise(8_000, 9)
      proxy.setPlan(() => ({ kind: 'slow', bytesPerSecond: 10_000 }))
      expect(await storage.createIfAbsent(record, bytes)).toBe('created')
      expect(sha256Hex(await storage.read(record))).toBe(sha256Hex(bytes))
      await storage.close()
    })
  })

  /** What must be true afterwards, asked by a client that shares no code with the adapter. */
  const expectExactLedger = async (bucket: string, versions: number): Promise<void> => {
    const plain = plainClient(service, bucket)
    const storage = openOn(service, bucket)
    const records: string[] = []
    for (let version = 1; version <= versions; version += 1) {
      const winner = JSON.parse(String(await plain.bytes(`lake/${recordPath(version)}`))) as Decided
      expect(String(await plain.bytes(`lake/${dataPath(version)}`))).toBe(winner.text)
      records.push(`lake/${recordPath(version)}`, `lake/${dataPath(version)}`)
    }
    await vacuum(storage)
    expect(await vacuum(storage)).toBe(0)
    expect([...(await plain.keys())].sort()).toEqual(records.sort())
    // The answer to the very first request of an upload may be lost: such an upload has no name for us, and no bytes.
    expect((await plain.uploads()).filter(({ parts }) => parts > 0)).toEqual([])
    await storage.close()
  }

  it.each(['before', 'after', 'late'] as const)(
    'the n-th call failing %s leaves an exact ledger',
    async (mode: FaultMode) => {
      for (let n = 1; ; n += 1) {
        const bucket = await service.bucket()
        const inner = openOn(service, bucket)
        const faulty = faultStorage(inner, { plan: nthFault(n, mode) })
        await writeVersions(faulty.storage, { worker: 'w', versions: 2, folder })
        while (faulty.outstanding > 0) await faulty.landLate()
        await inner.close()
        await expectExactLedger(bucket, 2)
        if (faulty.injected === 0) break
        expect(n).toBeLessThan(50)
      }
    },
  )

  const runSchedule = async (seed: number): Promise<number> => {
    const random = seededRandom(seed)
    const proxy = await startFaultProxy({
      target: service.endpoint,
      plan: randomFaultPlan(random, 0.15, PASSING),
    })
    const bucket = await service.bucket()
    const options = { endpoint: proxy.endpoint, ...IMPATIENT }
    const stores = [openOn(service, bucket, options), openOn(service, bucket, options)]
    try {
      const runs = stores.map((store, i) =>
        writeVersions(store, { worker: `s${seed}w${i}`, versions: 3, folder, bytes: 2_000 }),
      )
      await Promise.all(runs)
      await proxy.settled()
      await expectExactLedger(bucket, 3)
      return proxy.injected
    } catch (error) {
      const again = `SEED=${seed} SCHEDULES=1 npx vitest run --project storage test/s3/faults.service.test.ts`
      throw new Error(`schedule ${seed} failed; again: ${again}`, { cause: error })
    } finally {
      for (const store of stores) await store.close()
      await proxy.close()
    }
  }

  it(`${SCHEDULES} random schedules of faults leave exact ledgers`, {
    timeout: 30_000 + SCHEDULES * 6_000,
  }, async () => {
    let [next, injected] = [SEED, 0]
    const lane = async (): Promise<void> => {
      while (next < SEED + SCHEDULES) {
        next += 1
        injected += await runSchedule(next - 1)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    expect(injected).toBeGreaterThan(SCHEDULES)
  })
})
