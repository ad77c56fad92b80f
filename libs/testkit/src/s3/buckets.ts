import { randomBytes } from 'node:crypto'
import { OWNER, REGION } from './s3-service.ts'

const READY_MS = 60_000
const ASK_MS = 1_000

/** Makes a bucket as the owner; a name of its own unless one is given. */
export const makeBucket = async (endpoint: string, given?: string): Promise<string> => {
  const name = given ?? `test-${randomBytes(6).toString('hex')}`
  // Loaded when wanted: the library takes its time.
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({ endpoint, region: REGION, credentials: OWNER, forcePathStyle: true })
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }))
  } finally {
    client.destroy()
  }
  return name
}

/** Resolves when an unsigned request gets S3's own refusal. `ended` tells why waiting is in vain. */
export const whenReady = async (endpoint: string, ended: () => string | undefined): Promise<void> => {
  for (const deadline_ms = performance.now() + READY_MS; performance.now() < deadline_ms; ) {
    const reason = ended()
    if (reason !== undefined) throw new Error(reason)
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.status === 403) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the S3 server was not ready within ${READY_MS} ms`)
}
