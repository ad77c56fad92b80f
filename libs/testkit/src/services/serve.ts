/**
 * The supervisor that `services up` leaves running: starts Kafka, HDFS and S3 as its own processes, says where they are,
 * and ends them when it is told to end.
 */
import type { HdfsService } from '../hdfs/hdfs-service.ts'
import { startHdfs } from '../hdfs/process.ts'
import { startKafkaProcesses } from '../kafka/process.ts'
import { startS3Process } from '../s3/process.ts'
import { removeRecord, writeRecord } from './record.ts'

const BUCKET = 'lake'

const stops: (() => Promise<void>)[] = []
const end = async (status: number): Promise<never> => {
  await Promise.allSettled(stops.map((stop) => stop()))
  removeRecord()
  process.exit(status)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(0))

const starting = async <T extends { stop(): Promise<void> }>(service: Promise<T>): Promise<T> => {
  const started = await service
  stops.push(() => started.stop())
  return started
}

/** A folder that whoever runs this may write to: the root is the superuser's. */
const openFolder = async ({ namenode, user }: HdfsService): Promise<void> => {
  const made = await fetch(`${namenode}/webhdfs/v1/lake?op=MKDIRS&permission=777&user.name=${user}`, { method: 'PUT' })
  if (!made.ok) throw new Error(`HDFS did not make /lake: ${made.status} ${await made.text()}`)
}

try {
  const [kafka, hdfs, s3] = await Promise.all([
    starting(startKafkaProcesses({})),
    starting(startHdfs()),
    starting(startS3Process()),
  ])
  await openFolder(hdfs)
  writeRecord({
    pid: process.pid,
    kafka: kafka.bootstrap,
    webhdfs: hdfs.webhdfs,
    webhdfsUser: hdfs.user,
    s3: s3.endpoint,
    bucket: await s3.bucket(BUCKET),
    ...s3.credentials,
  })
  // The servers are children with their own handles; this keeps the supervisor there when one of them ends.
  setInterval(() => undefined, 60_000)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  await end(1)
}
