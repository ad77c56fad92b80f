import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { requireOrSkip } from '@millrace/testkit'
import { type Fault, type FaultPlan, randomFaultPlan } from '@millrace/testkit/fault-proxy/index.ts'
import { checkHdfs, type HdfsService, startHdfs } from '@millrace/testkit/hdfs/index.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectKind, noise, pathsBelow, readText, text } from '../../src/conformance/harness.ts'
import { storagePath } from '../../src/path.ts'
import { type StorageAdapter, StorageError } from '../../src/port.ts'
import { faultStorage, nthFault, retryStorage } from '../../src/wrap/index.ts'
import { HdfsBench, localFile } from '../support/hdfs.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'

const RECORD = storagePath('commits/1')
const TARGET = storagePath('books/day=1/f.parquet')
const STAGING = storagePath('_millrace/p/staging/1')
const SEED = Number(process.env['SEED'] ?? 20261121)
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 50)

const clock = {
  monotonic_ms: () => performance.now(),
  sleep: (duration_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, duration_ms)),
}
const retried = (inner: StorageAdapter, retries_max = 30): StorageAdapter =>
  retryStorage(inner, { clock, random: { next: Math.random }, pause_ms: 50, pause_ms_max: 500, retries_max })

/** The first request of this operation meets the fault. */
function once(operation: string, fault: Fault): FaultPlan {
  let met = false
  return ({ url }) => {
    if (met || !url.includes(`op=${operation}&`)) return undefined
    met = true
    return fault
  }
}

describe.skipIf(!(await requireOrSkip('HDFS', checkHdfs)))('HDFS in trouble', () => {
  let hdfs: HdfsService
  let bench: HdfsBench
  beforeAll(async () => {
    hdfs = await startHdfs()
    bench = new HdfsBench(hdfs)
    // The first requests wait for Java to load classes; those below give up after a second.
    await bench.open().createIfAbsent(RECORD, text('warm'))
  })
  afterAll(() => hdfs?.stop())

  const LOST: readonly (readonly [string, Fault])[] = [
    ['a reset', { kind: 'reset_after' }],
    ['silence', { kind: 'timeout_after' }],
    ['a 502', { kind: 'answer_after', status: 502 }],
  ]
  it.each(LOST)('a record whose rename was applied and answered with %s is known as ours', async (_name, fault) => {
    const { adapter, namenode, close } = await bench.openBehindProxies(once('RENAME', fault))
    expect(await adapter.createIfAbsent(RECORD, text('mine'))).toBe('created')
    expect(namenode.injected).toBe(1)
    expect(await adapter.createIfAbsent(RECORD, text('other'))).toBe('exists')
    expect(await readText(adapter, RECORD)).toBe('mine')
    await close()
  })

  const REFUSED: readonly (readonly [string, Fault])[] = [
    ['a reset', { kind: 'reset_request', after_bytes: 0 }],
    ['silence', { kind: 'timeout_before' }],
    ['a 503', { kind: 'answer', status: 503 }],
  ]
  it.each(REFUSED)('a record whose rename never arrived, after %s, is certainly not there', async (_name, fault) => {
    const { adapter, close } = await bench.openBehindProxies(once('RENAME', fault))
    await expectKind(adapter.createIfAbsent(RECORD, text('mine')), 'unavailable')
    expect(await adapter.head(RECORD)).toBeUndefined()
    expect(await adapter.createIfAbsent(RECORD, text('again'))).toBe('created')
    await close()
  })

  it('a rename that arrives late cannot land: its temporary file is gone', async () => {
    const plan = once('RENAME', { kind: 'late', delay_ms: 500 })
    const { adapter, namenode, close } = await bench.openBehindProxies(plan)
    await expectKind(adapter.createIfAbsent(RECORD, text('late')), 'unavailable')
    expect(await adapter.createIfAbsent(RECORD, text('second'))).toBe('created')
    await namenode.settled()
    expect(await readText(adapter, RECORD)).toBe('second')
    expect(await pathsBelow(adapter, 'commits')).toEqual(['commits/1'])
    await close()
  })

  it('a record is ambiguous when neither the rename nor a look at it is answered', async () => {
    let renamed = false
    const plan: FaultPlan = ({ url }) => {
      if (url.includes('op=RENAME')) renamed = true
      return renamed ? { kind: 'reset_after' } : undefined
    }
    const { adapter, namenode, datanode, close } = await bench.openBehindProxies(plan)
    await expectKind(adapter.createIfAbsent(RECORD, text('mine')), 'ambiguous_write')
    for (const proxy of [namenode, datanode]) proxy.setPlan(undefined)
    expect(await readText(adapter, RECORD)).toBe('mine')
    await close()
  })

  it('an upload that is cut leaves nothing that a reader or vacuum sees', async () => {
    const cut = once('CREATE', { kind: 'reset_request', after_bytes: 300_000 })
    let steps = 0
    const plan: FaultPlan = (request) => {
      if (request.url.includes('op=CREATE')) steps += 1
      return steps === 2 ? cut(request) : undefined
    }
    const { adapter, datanode, close } = await bench.openBehindProxies(plan)
    const file = await localFile(noise(2_000_000, 5))
    await expectKind(adapter.stage(file, TARGET, STAGING, 'a'), 'unavailable')
    expect(datanode.injected).toBe(1)
    expect(await pathsBelow(adapter, 'books')).toEqual([])
    for await (const staged of adapter.listStaged(STAGING)) expect(staged).toBeUndefined()
    const staged = await adapter.stage(file, TARGET, STAGING, 'a')
    expect(await adapter.publish(staged)).toBe('published')
    expect((await adapter.head(TARGET))?.bytes).toBe(2_000_000)
    await close()
  })

  it.each(LOST)('publishing again after the answer was lost by %s is already done', async (_name, fault) => {
    const { adapter, namenode, close } = await bench.openBehindProxies(() => undefined)
    await adapter.createIfAbsent(storagePath('books/day=1/earlier'), text('x'))
    namenode.setPlan(once('RENAME', fault))
    const staged = await adapter.stage(await localFile(text('rows')), TARGET, STAGING, 'a')
    expect(['published', 'already']).toContain(await adapter.publish(staged))
    expect(await adapter.publish(staged)).toBe('already')
    expect(await readText(adapter, TARGET)).toBe('rows')
    await close()
  })

  it('a body that ends early is never taken for the whole object', async () => {
    const { adapter, namenode, datanode, close } = await bench.openBehindProxies(() => undefined)
    await adapter.createIfAbsent(RECORD, noise(200_000, 3))
    datanode.setPlan(() => ({ kind: 'truncate_response', after_bytes: 1_000 }))
    await expectKind(adapter.read(RECORD), 'unavailable')
    await expectKind(adapter.read(RECORD, { start: 0, end: 100_000 }), 'unavailable')
    await expectKind(adapter.download(RECORD, `${(await localFile(text(''))).path}-out`), 'unavailable')
    datanode.setPlan(undefined)
    namenode.setPlan(once('LISTSTATUS_BATCH', { kind: 'truncate_response', after_bytes: 50 }))
    await expectKind(pathsBelow(adapter, 'commits'), 'unavailable')
    await close()
  })

  it('a redirect to a foreign host is refused, and nothing is sent there', async () => {
    let visits = 0
    const foreign: Server = createServer((_request, answer) => {
      visits += 1
      answer.writeHead(201).end()
    })
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
    const { port } = foreign.address() as AddressInfo
    const targets = [`http://127.0.0.2:${port}/webhdfs/v1/x`, 'http://169.254.169.254/webhdfs/v1/x']
    for (const location of [...targets, `https://127.0.0.1:${port}/webhdfs/v1/x`, `http://127.0.0.1:${port}/latest`]) {
      const plan = once('CREATE', { kind: 'redirect', location })
      const { adapter, close } = await bench.openBehindProxies(plan, { allowedRedirectHosts: ['dn1.example'] })
      await expectKind(adapter.createIfAbsent(RECORD, text('secret')), 'permission')
      await close()
    }
    expect(visits).toBe(0)
    foreign.close()
  })

  it('a standby NameNode is passed over for the active one, before and after they change places', async () => {
    const standby = await fakeStandby()
    const [root, content] = [bench.root(), text('x')]
    for (const namenodes of [
      [standby.origin, hdfs.namenode],
      [hdfs.namenode, standby.origin],
    ]) {
      const adapter = bench.open({ namenodes, root })
      const path = storagePath(`commits/${namenodes.indexOf(standby.origin)}`)
      expect(await adapter.createIfAbsent(path, content)).toBe('created')
      expect((await pathsBelow(adapter, 'commits')).length).toBeGreaterThan(0)
      await adapter.close()
    }
    expect(standby.asked()).toBeGreaterThan(0)
    await expectKind(bench.open({ namenodes: [standby.origin] }).head(RECORD), 'unavailable')
    standby.server.close()
    const alone = bench.open({ namenodes: [standby.origin, hdfs.namenode], root })
    expect(await alone.createIfAbsent(storagePath('commits/down'), content)).toBe('created')
  })

  it('writes wait for the end of safe mode, and reads do not', async () => {
    const adapter = bench.open()
    await adapter.createIfAbsent(RECORD, text('before'))
    await hdfs.safeMode('on')
    await expectKind(adapter.createIfAbsent(storagePath('commits/2'), text('x')), 'unavailable')
    expect(await readText(adapter, RECORD)).toBe('before')
    const write = retried(adapter, 100).createIfAbsent(storagePath('commits/2'), text('after'))
    await hdfs.safeMode('off')
    expect(await write).toBe('created')
    expect(await readText(adapter, 'commits/2')).toBe('after')
  })

  it('work goes on when a killed DataNode is back', async () => {
    const adapter = bench.open({ answer_timeout_ms: 5_000 })
    const staged = await adapter.stage(await localFile(noise(1_000_000, 8)), TARGET, STAGING, 'a')
    await hdfs.killDatanode()
    await expectKind(adapter.createIfAbsent(RECORD, text('x')), 'unavailable', 'no_space')
    await expectKind(adapter.read(TARGET), 'not_found')
    expect(await adapter.publish(staged)).toBe('published')
    const write = retried(adapter, 200).createIfAbsent(RECORD, text('back'))
    await hdfs.restartDatanode()
    expect(await write).toBe('created')
    expect((await retried(adapter).read(TARGET)).length).toBe(1_000_000)
  })

  it('the n-th call may fail before or after it happened: the outcome is the same', async () => {
    for (const mode of ['before', 'after'] as const) {
      for (let n = 1, injected = 1; injected > 0; n += 1) {
        const inner = bench.open()
        const faulty = faultStorage(inner, { plan: nthFault(n, mode) })
        await workload(retried(faulty.storage))
        await expectOutcome(inner)
        injected = faulty.injected
      }
    }
  })

  it(
    `${SCHEDULES} random schedules of faults on the wire end in the same bytes`,
    async () => {
      console.log(`seed ${SEED}: SEED=${SEED} npx vitest run --project storage test/hdfs/faults`)
      const kinds: Fault[] = [
        { kind: 'answer', status: 503 },
        { kind: 'answer', status: 500 },
        { kind: 'answer', status: 429 },
        { kind: 'answer_after', status: 502 },
        { kind: 'reset_request', after_bytes: 0 },
        { kind: 'reset_request', after_bytes: 20_000 },
        { kind: 'reset_after' },
        { kind: 'late', delay_ms: 30 },
        { kind: 'truncate_response', after_bytes: 10 },
      ]
      for (let schedule = 0; schedule < SCHEDULES; schedule += 1) {
        const plan = randomFaultPlan(seededRandom(SEED + schedule), 0.15, kinds)
        const { adapter, namenode, datanode, close } = await bench.openBehindProxies(plan)
        await workload(retried(adapter))
        for (const proxy of [namenode, datanode]) proxy.setPlan(undefined)
        await Promise.all([namenode.settled(), datanode.settled()])
        await expectOutcome(adapter, `seed ${SEED}, schedule ${schedule}`)
        await close()
      }
    },
    60_000 + SCHEDULES * 3_000,
  )
})

/** What a commit does: a file staged, a record decided (read back where that is unknown), the file published. */
async function workload(store: StorageAdapter): Promise<void> {
  const staged = await store.stage(await localFile(noise(50_000, 2)), TARGET, STAGING, 'a')
  for (;;) {
    try {
      const answer = await store.createIfAbsent(RECORD, text('mine'))
      if (answer === 'exists') expect(await readText(store, RECORD)).toBe('mine')
      break
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== 'ambiguous_write') throw error
      if ((await store.head(RECORD)) !== undefined) break
    }
  }
  await store.publish(staged)
  expect((await store.read(TARGET)).length).toBe(50_000)
}

async function expectOutcome(store: StorageAdapter, note = ''): Promise<void> {
  expect(await readText(store, RECORD), note).toBe('mine')
  expect(await pathsBelow(store, 'commits'), note).toEqual([RECORD])
  expect(await pathsBelow(store, 'books'), note).toEqual([TARGET])
  expect(await store.read(TARGET), note).toEqual(noise(50_000, 2))
}

async function fakeStandby() {
  let asked = 0
  const RemoteException = {
    exception: 'StandbyException',
    javaClassName: 'org.apache.hadoop.ipc.StandbyException',
    message: 'Operation category WRITE is not supported in state standby',
  }
  const server = createServer((_request, answer) => {
    asked += 1
    answer.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ RemoteException }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked }
}
