import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../testkit/src/kafka/free-port.ts'
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from '../../../testkit/src/fault-proxy/index.ts'
import { requireOrSkip } from '../../../testkit/src/require-or-skip.ts'
import { checkS3, type S3Service, startS3 } from '../../../testkit/src/s3/index.ts'
import { collect, expectKind, text } from '../../src/conformance/harness.ts'
import { storagePath } from '../../src/path.ts'
import { StorageError } from '../../src/port.ts'
import { openOn, plainClient } from './service.ts'

const SECRET = 'hush-this-is-a-secret'
const path = storagePath('commits/1')

describe.skipIf(!(await requireOrSkip('S3', checkS3)))('an S3 store that refuses', () => {
  let service: S3Service
  let bucket: string
  beforeAll(async () => {
    service = await startS3()
    bucket = await service.bucket()
  })
  afterAll(() => service?.stop())

  /** Every verb's error, as a person would get it with all its causes. */
  const refusals = async (storage: ReturnType<typeof openOn>): Promise<readonly StorageError[]> => {
    const calls: readonly Promise<unknown>[] = [
      storage.createIfAbsent(path, text('x')),
      storage.read(path),
      collect(storage.list(storagePath('commits'))),
      storage.probe(storagePath('_millrace/p')),
    ]
    const errors = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
    await storage.close()
    for (const error of errors) expect(error).toBeInstanceOf(StorageError)
    return errors as StorageError[]
  }
  const printed = (error: StorageError): string => {
    const cause = error.cause as Error
    return JSON.stringify([error, error.message, error.stack, cause, cause?.message, Object.entries(cause ?? {})])
  }

  it('names an unknown access key, a wrong secret and a missing permission, and repeats no secret', async () => {
    const { accessKeyId } = service.credentials
    const cases = [
      [{ accessKeyId: 'nobody', secretAccessKey: SECRET }, 'does not know this access key'],
      [{ accessKeyId, secretAccessKey: SECRET }, 'the secret key is wrong'],
      [await service.stranger(), 'does not allow it'],
    ] as const
    for (const [credentials, reason] of cases) {
      for (const error of await refusals(openOn(service, bucket, { credentials }))) {
        expect(error.kind).toBe('permission')
        expect(error.message).toContain(reason)
        expect(printed(error)).not.toContain(credentials.secretAccessKey)
      }
    }
  })

  it('names a missing bucket, which is no missing object', async () => {
    for (const error of await refusals(openOn(service, 'no-such-bucket'))) {
      expect(error.kind).toBe('invalid_path')
      expect(error.message).toContain('the bucket does not exist')
    }
  })

  it('names a store that cannot be reached, and that nothing was written', async () => {
    const [port] = await freePorts(1)
    const endpoint = `http://127.0.0.1:${port}`
    const storage = openOn(service, bucket, { endpoint })
    await expectKind(storage.createIfAbsent(path, text('x')), 'unavailable')
    await storage.close()
  })

  it('names missing credentials', async () => {
    const credentials = async (): Promise<never> => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      })
    }
    const error = await openOn(service, bucket, { credentials })
      .createIfAbsent(path, text('x'))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'permission', message: expect.stringContaining('no credentials were found') })
  })

  it('takes credentials from the environment, session token included', async () => {
    const { accessKeyId, secretAccessKey } = service.credentials
    process.env['AWS_ACCESS_KEY_ID'] = accessKeyId
    process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey
    process.env['AWS_SESSION_TOKEN'] = 'a-session'
    const proxy = await startFaultProxy({ target: service.endpoint })
    const { openS3Storage } = await import('../../src/s3/index.ts')
    const storage = openS3Storage({ bucket, endpoint: proxy.endpoint })
    try {
      await storage.head(path).catch(() => undefined)
      const { headers } = proxy.requests[0]!
      expect(headers['x-amz-security-token']).toBe('a-session')
      expect(headers['authorization']).toContain(`Credential=${accessKeyId}/`)
      expect(headers['authorization']).toContain('/us-east-1/s3/')
    } finally {
      await storage.close()
      await proxy.close()
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name]
    }
  })

  /** A store that ignores a condition, made of one that keeps it: what is in the way goes just before the write. */
  const forgetful = async (ignores: (request: ProxiedRequest) => boolean): Promise<FaultProxy> => {
    const { client } = plainClient(service, bucket)
    return startFaultProxy({
      target: service.endpoint,
      plan: (request) => {
        if (request.headers['if-none-match'] !== '*' || !ignores(request)) return undefined
        const Key = decodeURIComponent(new URL(request.url, 'http://x').pathname.slice(`/${bucket}/`.length))
        const run = async (): Promise<void> => {
          await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
        }
        return { kind: 'prepare', run }
      },
    })
  }

  it.each([
    ['PutObject', 'PUT', 'commits'],
    ['CompleteMultipartUpload', 'POST', 'CompleteMultipartUpload'],
  ])('is refused by the probe where it ignores the condition of %s', async (_name, method) => {
    const proxy = await forgetful((request) => request.method === method)
    const storage = openOn(service, bucket, { endpoint: proxy.endpoint })
    try {
      await expectKind(storage.probe(storagePath('_millrace/p')), 'unsafe_store')
      expect(proxy.injected).toBeGreaterThan(0)
      expect(await collect(openOn(service, bucket).list(storagePath('_millrace')))).toEqual([])
    } finally {
      await storage.close()
      await proxy.close()
    }
  })

  it('is not refused where all conditions are kept, through the same proxy', async () => {
    const proxy = await forgetful(() => false)
    const storage = openOn(service, bucket, { endpoint: proxy.endpoint })
    await storage.probe(storagePath('_millrace/p'))
    await storage.close()
    await proxy.close()
    expect(await plainClient(service, bucket).uploads()).toEqual([])
    expect(await plainClient(service, bucket).keys()).toEqual([])
  })
})
