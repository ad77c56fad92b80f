import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireOrSkip } from '../../src/require-or-skip.ts'
import { checkS3, type S3Credentials, type S3Service, startS3 } from '../../src/s3/index.ts'

describe.skipIf(!(await requireOrSkip('S3', checkS3)))('an S3 server for tests', () => {
  let service: S3Service
  beforeAll(async () => {
    service = await startS3()
  })
  afterAll(() => service?.stop())

  const clientOf = (credentials: S3Credentials): S3Client =>
    new S3Client({
      endpoint: service.endpoint,
      region: service.region,
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
      requestHandler: { socketTimeout: 500 },
    })

  it('keeps what was written over a kill', async () => {
    const Bucket = await service.bucket()
    const client = clientOf(service.credentials)
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'kept' }))
    await service.kill()
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toThrow()
    await service.restart()
    const found = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }))
    expect(await found.Body!.transformToString()).toBe('kept')
  })

  it('answers nothing while it is paused', async () => {
    const Bucket = await service.bucket()
    const client = clientOf(service.credentials)
    await service.pause()
    const put = client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
    await expect(put).rejects.toThrow(/timed out|timeout/i)
    await service.resume()
    expect((await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))).$metadata.httpStatusCode).toBe(
      200,
    )
  })

  it('has a user who may do nothing', async () => {
    const Bucket = await service.bucket()
    const client = clientOf(await service.stranger())
    await expect(client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))).rejects.toThrow('Access Denied')
  })
})
