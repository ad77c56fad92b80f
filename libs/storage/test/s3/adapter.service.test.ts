import { checkS3, type S3Service, startS3 } from '../../../testkit/src/s3/index.ts'
import { requireOrSkip } from '../../../testkit/src/require-or-skip.ts'
import { afterAll, beforeAll, describe } from 'vitest'
import { storageConformance } from '../../src/conformance.ts'
import { openS3Storage } from '../../src/s3/index.ts'

describe.skipIf(!(await requireOrSkip('S3', checkS3)))('on a real server', () => {
  let service: S3Service
  beforeAll(async () => {
    service = await startS3()
  })
  afterAll(() => service?.stop())

  storageConformance('s3', async () => {
    const { endpoint, region, credentials } = service
    const bucket = await service.bucket()
    return {
      adapter: openS3Storage({ bucket, prefix: 'lake', endpoint, region, credentials }),
      cleanup: async () => undefined,
    }
  })
})
