import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { checkHdfs, startHdfs } from '@millrace/testkit/hdfs/index.ts'
import { requireOrSkip } from '@millrace/testkit/require-or-skip.ts'
import { checkS3, startS3 } from '@millrace/testkit/s3/index.ts'

/** A running store as the command line reaches it, and as a client that shares no code with it does. */
export interface RemoteStore {
  readonly env: Readonly<Record<string, string>>
  /** A LAKE that nobody has used. */
  lake(name: string): string
  /** All objects below a LAKE, by path below it, in order. */
  list(name: string): Promise<readonly string[]>
  read(name: string, path: string): Promise<Uint8Array>
  remove(name: string, path: string): Promise<void>
  /** Settings and environment that must be refused, by what is wrong with them. */
  refused(): Promise<readonly Refused[]>
  stop(): Promise<void>
}

export interface Refused {
  readonly why: string
  readonly lake: string
  readonly env: Readonly<Record<string, string>>
  readonly says: RegExp
}

const startS3Store = async (): Promise<RemoteStore> => {
  const s3 = await startS3()
  const { endpoint, region, credentials } = s3
  const Bucket = await s3.bucket()
  const stranger = await s3.stranger()
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }
  const lake = (name: string) => `s3://${Bucket}/${name}?endpoint=${endpoint}`
  return {
    env,
    lake,
    list: async (name) => {
      const paths: string[] = []
      for (let token: string | undefined; ; ) {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: `${name}/`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        )
        paths.push(...(page.Contents ?? []).map(({ Key }) => Key!.slice(name.length + 1)))
        token = page.NextContinuationToken
        if (token === undefined) return paths
      }
    },
    read: async (name, path) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `${name}/${path}` }))
      return Body!.transformToByteArray()
    },
    remove: async (name, path) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key: `${name}/${path}` }))
    },
    refused: async () => [
      {
        why: 'a wrong secret',
        lake: lake('no'),
        env: { AWS_SECRET_ACCESS_KEY: 'mistaken-on-purpose' },
        says: /secret key/,
      },
      {
        why: 'an unknown key',
        lake: lake('no'),
        env: { AWS_ACCESS_KEY_ID: 'nobody' },
        says: /does not know this access/,
      },
      {
        why: 'no permission',
        lake: lake('no'),
        env: { AWS_ACCESS_KEY_ID: stranger.accessKeyId, AWS_SECRET_ACCESS_KEY: stranger.secretAccessKey },
        says: /does not allow/,
      },
      {
        why: 'a missing bucket',
        lake: `s3://is-not-there?endpoint=${endpoint}`,
        env: {},
        says: /bucket does not exist/,
      },
    ],
    stop: async () => {
      client.destroy()
      await s3.stop()
    },
  }
}

/** What npm webhdfs offers, as far as it is used here. */
interface WebHdfs {
  readdir(
    path: string,
    done: (error: Error | null, files: readonly { pathSuffix: string; type: string }[]) => void,
  ): void
  readFile(path: string, done: (error: Error | null, data: Buffer) => void): void
  writeFile(path: string, data: string, done: (error: Error | null) => void): void
  unlink(path: string, done: (error: Error | null) => void): void
}
const webHdfs = createRequire(import.meta.url)('webhdfs') as {
  createClient(options: { user: string; host: string; port: number; path: string }): WebHdfs
}

const promised = <T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))))

const startHdfsStore = async (): Promise<RemoteStore> => {
  const hdfs = await startHdfs()
  const { hostname, port } = new URL(hdfs.namenode)
  const client = webHdfs.createClient({ user: hdfs.user, host: hostname, port: Number(port), path: '/webhdfs/v1' })
  const lake = (name: string) => `${hdfs.webhdfs}/${name}`
  const list = async (folder: string): Promise<string[]> => {
    const entries = await promised<readonly { pathSuffix: string; type: string }[]>((done) =>
      client.readdir(`/${folder}`, done),
    )
    const found = entries.map(async ({ pathSuffix, type }) =>
      type === 'DIRECTORY'
        ? (await list(`${folder}/${pathSuffix}`)).map((path) => `${pathSuffix}/${path}`)
        : [pathSuffix],
    )
    return (await Promise.all(found)).flat().sort()
  }
  return {
    env: { HADOOP_USER_NAME: hdfs.user },
    lake,
    list,
    read: (name, path) => promised<Buffer>((done) => client.readFile(`/${name}/${path}`, done)),
    remove: (name, path) => promised<void>((done) => client.unlink(`/${name}/${path}`, (error) => done(error))),
    refused: async () => {
      await promised<void>((done) => client.writeFile('/a-file', 'text', (error) => done(error)))
      return [
        { why: 'no permission', lake: lake('no'), env: { HADOOP_USER_NAME: 'alice' }, says: /Permission denied/ },
        { why: 'a file where a folder should be', lake: lake('a-file'), env: {}, says: /is not a directory/ },
      ]
    },
    stop: () => hdfs.stop(),
  }
}

export const remoteStores = [
  { name: 'S3', available: await requireOrSkip('S3', checkS3), start: startS3Store },
  { name: 'HDFS', available: await requireOrSkip('HDFS', checkHdfs), start: startHdfsStore },
] as const

/** Copies a table's Parquet files, as the independent client finds them, into a folder. */
export const copyTable = async (store: RemoteStore, name: string, folder: string): Promise<void> => {
  const paths = (await store.list(name)).filter((path) => path.startsWith('raw/books/') && path.endsWith('.parquet'))
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), await store.read(name, path))
  }
}
