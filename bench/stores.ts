/**
 * What a store costs: HDFS through the adapter beside plain HTTP on the same server (S3: libs/storage/bench/s3.ts), and
 * what one commit costs by its number of files: its time, and its rounds, which are calls that wait for each other.
 *   npm run bench -- stores [--bytes 268435456] [--rounds 3]
 */
import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPipelineLog, stateRootOf } from '../libs/engine/src/protocol/index.ts'
import { systemClock, systemRandom } from '../libs/engine/src/runtime/system.ts'
import { openHdfsStorage } from '../libs/storage/src/hdfs/index.ts'
import type { StorageAdapter } from '../libs/storage/src/index.ts'
import { joinPath, storagePath } from '../libs/storage/src/index.ts'
import { openLocalStorage } from '../libs/storage/src/local/index.ts'
import { openS3Storage } from '../libs/storage/src/s3/index.ts'
import { interceptStorage } from '../libs/storage/src/wrap/index.ts'
import { startHdfs } from '../libs/testkit/src/hdfs/index.ts'
import { startS3 } from '../libs/testkit/src/s3/index.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: { bytes: { type: 'string', default: String(256 << 20) }, rounds: { type: 'string', default: '3' } },
})
const [bytes, rounds] = [Number(values.bytes), Number(values.rounds)]
const FILES = [1, 8, 32, 128]
/** As `millrace run` has it on a remote store. */
const CALLS_AT_ONCE = 32
const DELAY_MS = 100
const FILE_BYTES = 64 * 1024

const folder = await mkdtemp(join(tmpdir(), 'bench-stores-'))
const localFile = async (size: number) => {
  const content = randomFillSync(new Uint8Array(size))
  const path = join(folder, randomBytes(8).toString('hex'))
  await writeFile(path, content)
  return { path, bytes: size, rows: 1, sha256: createHash('sha256').update(content).digest('hex') }
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began_ms = performance.now()
  await work()
  return performance.now() - began_ms
}

const send = (method: string, url: string, path?: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = path === undefined ? {} : { 'content-type': 'application/octet-stream', 'content-length': bytes }
    const sent = request(url, { method, headers }, resolve)
    sent.on('error', reject)
    if (path === undefined) sent.end()
    else createReadStream(path, { highWaterMark: 1 << 20 }).pipe(sent)
  })

const drained = async (answer: IncomingMessage): Promise<IncomingMessage> => {
  for await (const _ of answer);
  return answer
}

/** WebHDFS as its documentation has it: ask the NameNode, then talk to the DataNode that it names. */
const plainHdfs = (namenode: string, user: string) => ({
  upload: async (name: string, path: string) => {
    const asked = await drained(
      await send('PUT', `${namenode}/webhdfs/v1/plain/${name}?op=CREATE&overwrite=true&user.name=${user}`),
    )
    const answer = await drained(await send('PUT', asked.headers.location!, path))
    if (answer.statusCode !== 201) throw new Error(`plain upload: ${answer.statusCode}`)
  },
  download: async (name: string, path: string) => {
    const asked = await drained(await send('GET', `${namenode}/webhdfs/v1/plain/${name}?op=OPEN&user.name=${user}`))
    await pipeline(await send('GET', asked.headers.location!), createWriteStream(path))
  },
})

const throughput = async (store: StorageAdapter, plain: ReturnType<typeof plainHdfs>): Promise<void> => {
  const file = await localFile(bytes)
  const took: Record<string, number[]> = {
    'upload, plain': [],
    'upload, adapter': [],
    'read, plain': [],
    'read, adapter': [],
  }
  for (let round = 0; round <= rounds; round++) {
    const target = joinPath('books', `f-${round}`)
    const steps: Record<string, () => Promise<unknown>> = {
      'upload, plain': () => plain.upload(`f-${round}`, file.path),
      'upload, adapter': async () =>
        store.publish(await store.stage(file, target, storagePath('staging'), `a-${round}`)),
      'read, plain': () => plain.download(`f-${round}`, join(folder, 'plain')),
      'read, adapter': () => store.download(target, join(folder, 'ours')),
    }
    for (const [name, step] of Object.entries(steps)) {
      const ms = await timed(step)
      // The first round warms up.
      if (round > 0) took[name]!.push(ms)
    }
  }
  const speed = (name: string): number => bytes / 1e3 / median(took[name]!)
  for (const what of ['upload', 'read']) {
    const [ours, theirs] = [speed(`${what}, adapter`), speed(`${what}, plain`)]
    console.log(
      `hdfs   ${what.padEnd(7)} ${ours.toFixed(0)} MB/s, plain ${theirs.toFixed(0)} MB/s: ${(ours / theirs).toFixed(2)}x`,
    )
  }
}

/** Time of a commit with so many files, the second of a log, whose connections are warm. */
const commitTime = async (
  store: StorageAdapter,
  name: string,
  count: number,
  onReady: () => void = () => undefined,
): Promise<number> => {
  const root = joinPath(name, 'books')
  const log = openPipelineLog({
    pipeline: 'bench',
    state: store,
    stateRoot: stateRootOf(root, 'bench'),
    targets: new Map([['books', { store, root }]]),
    clock: systemClock,
    random: systemRandom,
    logger: { log: () => undefined },
    concurrency: CALLS_AT_ONCE,
  })
  await log.claim()
  await log.recover()
  const draft = async (version: number) => ({
    start: version === 1 ? {} : { t: { 0: String(version - 1) } },
    end: { t: { 0: String(version) } },
    topicIds: { t: 'id' },
    fingerprint: 'f',
    counts: {},
    tables: await Promise.all(
      Array.from({ length: count }, async (_, i) => ({
        ...(await localFile(FILE_BYTES)),
        of: 'books',
        partition: `p=${i}`,
      })),
    ),
    deadLetters: [],
    state: [],
    stateSnapshot: false,
    droppedBuckets: [],
    recordTimes_ms: {},
    batchTime: new Date(0).toISOString(),
  })
  await log.commit(await draft(1))
  const second = await draft(2)
  onReady()
  return timed(() => log.commit(second))
}

/** Counts the calls of the longest chain in which each began after the one before had ended. */
const countRounds = (store: StorageAdapter) => {
  let ended = 0
  return {
    store: interceptStorage(store, async (_call, run) => {
      const round = ended + 1
      // Those that begin together end apart: a pause keeps the next ones from beginning in between.
      await sleep(DELAY_MS)
      try {
        return await run()
      } finally {
        ended = Math.max(ended, round)
      }
    }),
    take: () => {
      const rounds = ended
      ended = 0
      return rounds
    },
  }
}

const commits = async (name: string, store: StorageAdapter): Promise<void> => {
  for (const count of FILES) {
    const took: number[] = []
    for (let round = 0; round < rounds; round++) took.push(await commitTime(store, `c-${count}-${round}`, count))
    const counted = countRounds(store)
    await commitTime(counted.store, `d-${count}`, count, counted.take)
    const text = `commit of ${String(count).padStart(3)} files`
    console.log(`${name.padEnd(6)} ${text}: ${median(took).toFixed(0)} ms, ${counted.take()} rounds`)
  }
}

const [hdfs, s3] = await Promise.all([startHdfs(), startS3()])
try {
  const { endpoint, region, credentials } = s3
  const onS3 = openS3Storage({ endpoint, region, credentials, bucket: await s3.bucket() })
  const onHdfs = openHdfsStorage({ namenodes: [hdfs.namenode], root: '/bench', user: hdfs.user })
  await throughput(onHdfs, plainHdfs(hdfs.namenode, hdfs.user))
  await commits('local', openLocalStorage({ root: join(folder, 'local') }))
  await commits('s3', onS3)
  await commits('hdfs', onHdfs)
} finally {
  await Promise.all([hdfs.stop(), s3.stop()])
  await rm(folder, { recursive: true, force: true })
}
process.exit(0)
