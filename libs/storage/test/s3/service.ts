import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { StorageAdapter } from '../../src/port.ts'
import { openS3Storage, type S3StorageOptions } from '../../src/s3/index.ts'
import type { S3Service } from '../../../testkit/src/s3/index.ts'

/** An adapter on a bucket of the service, through another endpoint (a proxy) where one is given. */
export function openOn(service: S3Service, bucket: string, options: Partial<S3StorageOptions> = {}): StorageAdapter {
  const { endpoint, region, credentials } = service
  return openS3Storage({ endpoint, region, credentials, bucket, prefix: 'lake', ...options })
}

/** The store as an independent client sees it. */
export interface PlainClient {
  readonly client: S3Client
  bytes(key: string): Promise<Buffer>
  keys(): Promise<readonly string[]>
  /** Open uploads, with the number of their parts. */
  uploads(): Promise<readonly { readonly key: string; readonly uploadId: string; readonly parts: number }[]>
}

export function plainClient(service: S3Service, bucket: string): PlainClient {
  const { endpoint, region, credentials } = service
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  return {
    client,
    async bytes(key) {
      const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      return Buffer.from(await found.Body!.transformToByteArray())
    },
    async keys() {
      const found = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
      return (found.Contents ?? []).map(({ Key }) => Key!)
    },
    async uploads() {
      const found = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return Promise.all(
        (found.Uploads ?? []).map(async ({ Key, UploadId }) => {
          const parts = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }))
          return { key: Key!, uploadId: UploadId!, parts: parts.Parts?.length ?? 0 }
        }),
      )
    },
  }
}
