import { createRequire } from 'node:module'
import { requireOrSkip } from '@millrace/testkit'
import { checkHdfs, type HdfsService, startHdfs } from '@millrace/testkit/hdfs/index.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectKind, noise, pathsBelow, readText, text } from '../../src/conformance/harness.ts'
import { parseLocation } from '../../src/location.ts'
import { openStorage } from '../../src/open.ts'
import { joinPath, storagePath } from '../../src/path.ts'
import { StorageError } from '../../src/port.ts'
import { HdfsBench, localFile } from '../support/hdfs.ts'

type Callback<T> = (error: Error | null, value: T) => void

/** What is used of npm webhdfs, which has no types. */
interface NpmClient {
  writeFile(path: string, data: Buffer, options: object, callback: Callback<unknown>): void
  readFile(path: string, callback: Callback<Buffer>): void
  rename(path: string, destination: string, callback: Callback<unknown>): void
  stat(path: string, callback: Callback<{ readonly length: number }>): void
}

const npmWebhdfs = createRequire(import.meta.url)('webhdfs') as { createClient(options: object): NpmClient }
const NAMES = ['plain', 'a b', 'a+b', '100%', '%2F', 'é', '日本語', '😀', 'q?x', 'h#y', "it's;v=1", 'a=b&c']

describe.skipIf(!(await requireOrSkip('HDFS', checkHdfs)))('HDFS shared with npm webhdfs', () => {
  let hdfs: HdfsService
  let bench: HdfsBench
  let npm: NpmClient
  beforeAll(async () => {
    hdfs = await startHdfs()
    bench = new HdfsBench(hdfs)
    const { hostname: host, port } = new URL(hdfs.namenode)
    npm = npmWebhdfs.createClient({ user: hdfs.user, host, port, path: '/webhdfs/v1' })
  })
  afterAll(() => hdfs?.stop())

  // npm webhdfs puts a path into the URL as it is: the encoding is its caller's.
  const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
  const call = <T>(run: (callback: Callback<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => run((error, value) => (error === null ? resolve(value) : reject(error))))
  const put = (path: string, data: string) => call((done) => npm.writeFile(encoded(path), Buffer.from(data), {}, done))
  const get = (path: string) => call<Buffer>((done) => npm.readFile(encoded(path), done))

  it('what was created and published is read by it, under the same names', async () => {
    const root = bench.root()
    const adapter = bench.open({ root })
    for (const name of NAMES) {
      await adapter.createIfAbsent(joinPath('records', name), text(`record ${name}`))
      expect((await get(`${root}/records/${name}`)).toString(), name).toBe(`record ${name}`)
    }
    const bytes = noise(20_000_000, 4)
    const staged = await adapter.stage(await localFile(bytes), storagePath('t/f'), storagePath('s/1'), 'a')
    await adapter.publish(staged)
    expect(Buffer.compare(await get(`${root}/t/f`), bytes)).toBe(0)
  })

  it('what it wrote is listed and read, and stands in the way of a record', async () => {
    const root = bench.root()
    const adapter = bench.open({ root })
    for (const name of NAMES) await put(`${root}/theirs/${name}`, `theirs ${name}`)
    expect((await pathsBelow(adapter, 'theirs')).sort()).toEqual(NAMES.map((name) => `theirs/${name}`).sort())
    for (const name of NAMES) {
      expect(await readText(adapter, `theirs/${name}`)).toBe(`theirs ${name}`)
      expect(await adapter.createIfAbsent(joinPath('theirs', name), text('ours'))).toBe('exists')
    }
  })

  it('it calls a rename that was refused a success, and moves into a directory: why it is not used', async () => {
    const root = bench.root()
    const rename = (from: string, to: string) => call((done) => npm.rename(`${root}/${from}`, `${root}/${to}`, done))
    await put(`${root}/first`, 'first')
    await put(`${root}/second`, 'second')
    await rename('second', 'first')
    expect((await get(`${root}/first`)).toString()).toBe('first')
    expect((await get(`${root}/second`)).toString()).toBe('second')
    await rename('absent', 'anywhere')
    await put(`${root}/directory/x`, 'x')
    await rename('second', 'directory')
    expect((await get(`${root}/directory/second`)).toString()).toBe('second')
  })

  it('it writes over what is there unless told otherwise, and decodes a path that was not encoded', async () => {
    const root = bench.root()
    await put(`${root}/file`, 'first')
    await put(`${root}/file`, 'second')
    expect((await get(`${root}/file`)).toString()).toBe('second')
    await call((done) => npm.writeFile(`${root}/100%41`, Buffer.from('x'), {}, done))
    expect((await call<{ length: number }>((done) => npm.stat(`${root}/100A`, done))).length).toBe(1)
  })

  it('a user without the right is refused before anything is written', async () => {
    const adapter = bench.open({ user: 'alice', root: '/alices' })
    await expectKind(adapter.createIfAbsent(storagePath('commits/1'), text('x')), 'permission')
    await expectKind(adapter.probe(storagePath('p')), 'permission')
  })

  it('a table is opened by its location alone', async () => {
    const location = parseLocation(`${hdfs.webhdfs}/lake?user=${hdfs.user}/raw/books`, '/')
    const adapter = openStorage(location)
    expect(await adapter.createIfAbsent(joinPath(location.name, 'x'), text('x'))).toBe('created')
    expect((await get('/lake/raw/books/x')).toString()).toBe('x')
    await adapter.close()
  })

  it('no error of a request with a delegation token holds it', async () => {
    const delegationToken = 'c2VjcmV0LXRva2Vu'
    const unreachable = bench.open({ delegationToken, namenodes: ['http://127.0.0.1:1'] })
    const missing = bench.open({ delegationToken })
    const calls = [() => unreachable.createIfAbsent(storagePath('x'), text('x')), () => missing.read(storagePath('x'))]
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown)
      if (!(error instanceof StorageError)) throw error
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(delegationToken)
    }
  })
})
