import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFaultProxy } from '../../../testkit/src/fault-proxy/index.ts'
import { requireOrSkip } from '../../../testkit/src/require-or-skip.ts'
import { checkS3, type S3Service, startS3 } from '../../../testkit/src/s3/index.ts'
import { collect, expectKind, noise, sha256Hex, text } from '../../src/conformance/harness.ts'
import { joinPath, storagePath } from '../../src/path.ts'
import { openOn, plainClient } from './service.ts'

const STAGING = storagePath('_millrace/p/staging')
const MIB = 1 << 20

describe.skipIf(!(await requireOrSkip('S3', checkS3)))('S3 uploads', () => {
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
  const local = async (bytes: Uint8Array, name = 'rows') => {
    const path = join(folder, name)
    await writeFile(path, bytes)
    return { path, bytes: bytes.length, sha256: sha256Hex(bytes) }
  }

  it.each([0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB + 3])(
    '%i bytes arrive as they are, for a plain client too',
    async (bytes) => {
      const bucket = await service.bucket()
      const [storage, plain] = [openOn(service, bucket), plainClient(service, bucket)]
      const file = await local(noise(bytes, 7))
      const staged = await storage.stage(file, storagePath('books/p.parquet'), STAGING, 'a')
      expect(JSON.parse(staged.handle).parts).toHaveLength(Math.max(1, Math.ceil(bytes / (8 * MIB))))
      expect((await plain.uploads()).map(({ key }) => key)).toEqual(['lake/books/p.parquet'])
      expect(await storage.publish(staged)).toBe('published')
      expect(sha256Hex(await plain.bytes('lake/books/p.parquet'))).toBe(file.sha256)
      expect(await plain.keys()).toEqual(['lake/books/p.parquet'])
      expect(await plain.uploads()).toEqual([])
      const out = join(folder, 'out')
      await storage.download(staged.target, out)
      expect(sha256Hex(await readFile(out))).toBe(file.sha256)
      await storage.close()
    },
  )

  it('another process finishes what is staged, from its JSON alone', async () => {
    const bucket = await service.bucket()
    const first = openOn(service, bucket)
    const file = await local(noise(9 * MIB, 3))
    const record = JSON.stringify(await first.stage(file, storagePath('books/p'), STAGING, 'a'))
    await first.close()
    const second = openOn(service, bucket)
    expect(await second.publish(JSON.parse(record))).toBe('published')
    expect(await openOn(service, bucket).publish(JSON.parse(record))).toBe('already')
    await second.close()
  })

  it('a staged upload survives the server being killed', async () => {
    const bucket = await service.bucket()
    const storage = openOn(service, bucket)
    const staged = await storage.stage(await local(noise(9 * MIB, 5)), storagePath('books/p'), STAGING, 'a')
    await service.kill()
    await expectKind(storage.createIfAbsent(storagePath('x'), text('x')), 'unavailable', 'ambiguous_write')
    await service.restart()
    expect(await storage.publish(staged)).toBe('published')
    expect((await storage.head(staged.target))?.bytes).toBe(9 * MIB)
    await storage.close()
  })

  it('an upload that died on its way is listed with its target, cannot be published, and is aborted', async () => {
    const bucket = await service.bucket()
    const proxy = await startFaultProxy({ target: service.endpoint })
    const storage = openOn(service, bucket, { endpoint: proxy.endpoint, idle_ms_max: 300 })
    const file = await local(noise(20 * MIB, 5))
    const death = new AbortController()
    let parts = 0
    // The process dies at its third part: not even its own tidying reaches the store.
    proxy.setPlan(({ method, url }) => {
      if (death.signal.aborted) return { kind: 'reset_request', after_bytes: 0 }
      if (method !== 'PUT' || !url.includes('partNumber')) return undefined
      parts += 1
      if (parts < 3) return undefined
      death.abort(new Error('killed'))
      return { kind: 'reset_request', after_bytes: 0 }
    })
    await expect(storage.stage(file, storagePath('books/p'), STAGING, 'a', death.signal)).rejects.toThrow('killed')
    await storage.close()
    await proxy.close()

    const [later, plain] = [openOn(service, bucket), plainClient(service, bucket)]
    const open = await plain.uploads()
    expect(open).toHaveLength(1)
    expect(open[0]!.parts).toBeLessThan(3)
    const [orphan, ...rest] = await collect(later.listStaged(STAGING))
    expect(rest).toEqual([])
    expect(orphan).toMatchObject({ target: 'books/p', bytes: file.bytes, sha256: file.sha256 })
    await expectKind(later.publish(orphan!), 'not_found')
    await later.discard(orphan!)
    expect(await plain.uploads()).toEqual([])
    expect(await plain.keys()).toEqual([])
    await later.close()
  })

  it('uploads of others, and markers without an upload, do no harm', async () => {
    const bucket = await service.bucket()
    const [storage, { client, uploads }] = [openOn(service, bucket), plainClient(service, bucket)]
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'lake/books/foreign' }))
    const marker = `lake/${STAGING}/a/~${'0'.repeat(64)}.staged`
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: marker, Body: 'not ours' }))
    expect(await collect(storage.listStaged(STAGING))).toEqual([])
    const staged = await storage.stage(await local(text('rows')), storagePath('books/p'), STAGING, 'a')
    await storage.publish(staged)
    expect((await uploads()).map(({ key }) => key)).toEqual(['lake/books/foreign'])
    await storage.close()
  })

  it('a handle that is none of ours is refused', async () => {
    const storage = openOn(service, 'any')
    const object = { target: storagePath('books/p'), bytes: 1, sha256: '0'.repeat(64) }
    for (const handle of ['', '{}', 'null', '[]', '{"marker":"../x","uploadId":"u","part_bytes":1,"parts":[]}']) {
      await expectKind(storage.publish({ ...object, handle }), 'invalid_path')
      await expectKind(storage.discard({ ...object, handle }), 'invalid_path')
    }
    await storage.close()
  })

  it('keys that others wrote in odd ways are passed over by listings, in their order', async () => {
    const bucket = await service.bucket()
    const [storage, { client }] = [openOn(service, bucket), plainClient(service, bucket)]
    for (const key of ['a', 'b\\c', 'd+e', 'f g', 'h\tx', 'ü']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `lake/t/${key}`, Body: 'x' }))
    }
    const listed = (await collect(storage.list(storagePath('t')))).map(({ path }) => path)
    expect(listed).toEqual(['t/a', 't/d+e', 't/f g', 't/h\tx', 't/ü'])
    await storage.close()
  })

  it('64 MiB files at once keep memory bounded', async () => {
    const bucket = await service.bucket()
    const storage = openOn(service, bucket)
    const file = await local(noise(64 * MIB, 11), 'large')
    global.gc?.()
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 5)
    const targets = Array.from({ length: 8 }, (_, i) => joinPath('books', `p${i}`))
    const staged = await Promise.all(targets.map((target) => storage.stage(file, target, STAGING, 'a')))
    clearInterval(watch)
    for (const object of staged) await storage.publish(object)
    expect(peak - before).toBeLessThan(160 * MIB)
    await storage.close()
  })
})
