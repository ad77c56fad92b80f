// Upload and read-back through the adapter beside the SDK alone, on the same server:
//   npx tsx libs/storage/bench/s3.ts [--bytes 268435456] [--rounds 5]
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { startS3 } from '../../testkit/src/s3/index.ts'
import { joinPath, storagePath } from '../src/path.ts'
import { openS3Storage } from '../src/s3/index.ts'

const PART_BYTES = 8 << 20
const { values } = parseArgs({
  options: { bytes: { type: 'string', default: String(256 << 20) }, rounds: { type: 'string', default: '5' } },
})
const [bytes, rounds] = [Number(values.bytes), Number(values.rounds)]

const service = await startS3()
const folder = await mkdtemp(join(tmpdir(), 'bench-s3-'))
try {
  const content = randomFillSync(new Uint8Array(bytes))
  const path = join(folder, 'file')
  await writeFile(path, content)
  const file = { path, bytes, sha256: createHash('sha256').update(content).digest('hex') }
  const Bucket = await service.bucket()
  const { endpoint, region, credentials } = service
  const storage = openS3Storage({ bucket: Bucket, endpoint, region, credentials })
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })

  /** As plain as the SDK allows: two parts at a time, streamed from the disk. */
  const plainUpload = async (Key: string): Promise<void> => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const count = Math.max(1, Math.ceil(bytes / PART_BYTES))
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < count) {
        const at = next++
        const [start, end] = [at * PART_BYTES, Math.min(bytes, (at + 1) * PART_BYTES)]
        const Body = createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 })
        const part = { Bucket, Key, UploadId, PartNumber: at + 1, Body, ContentLength: end - start }
        Parts[at] = { PartNumber: at + 1, ETag: (await client.send(new UploadPartCommand(part))).ETag }
      }
    }
    await Promise.all([lane(), lane()])
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
  }
  const plainDownload = async (Key: string): Promise<void> => {
    const found = await client.send(new GetObjectCommand({ Bucket, Key }))
    await pipeline(found.Body as Readable, createWriteStream(join(folder, 'plain')))
  }
  const adapterUpload = async (name: string): Promise<void> => {
    const target = joinPath('books', name)
    await storage.publish(await storage.stage(file, target, storagePath('_millrace/s'), name))
  }

  const took: Record<string, number[]> = {}
  const time = async (name: string, run: () => Promise<void>): Promise<void> => {
    const start_ms = performance.now()
    await run()
    took[name] = [...(took[name] ?? []), performance.now() - start_ms]
  }
  for (let round = 0; round <= rounds; round += 1) {
    await time('upload, SDK', () => plainUpload(`plain-${round}`))
    await time('upload, adapter', () => adapterUpload(`p-${round}`))
    await time('download, SDK', () => plainDownload(`plain-${round}`))
    await time('download, adapter', () => storage.download(joinPath('books', `p-${round}`), join(folder, 'ours')))
    // The first round warms up.
    if (round === 0) for (const name of Object.keys(took)) delete took[name]
  }
  for (const [name, all] of Object.entries(took)) {
    const median = all.sort((a, b) => a - b)[all.length >> 1] ?? 0
    process.stdout.write(`${name.padEnd(20)} ${((bytes / median / 1_048_576) * 1_000).toFixed(0).padStart(6)} MiB/s\n`)
  }
  await storage.close()
  client.destroy()
} finally {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
}
