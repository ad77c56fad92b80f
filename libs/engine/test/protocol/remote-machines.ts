import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHdfsStorage } from '@millrace/storage/hdfs'
import { openS3Storage } from '@millrace/storage/s3'
import { checkHdfs, startHdfs } from '../../../testkit/src/hdfs/index.ts'
import { requireOrSkip } from '../../../testkit/src/require-or-skip.ts'
import { checkS3, startS3 } from '../../../testkit/src/s3/index.ts'
import type { Machine } from './machines.ts'

/** A running service, and empty stores in it. */
export interface RemoteMachines {
  open(): Machine
  stop(): Promise<void>
}

const machinesOf = async (
  openStore: (name: string) => Machine['store'],
  stopService: () => Promise<void>,
): Promise<RemoteMachines> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-machines-'))
  const opened: Machine['store'][] = []
  let files = 0
  const write = async (content: string): Promise<string> => {
    const path = join(folder, String(++files))
    await writeFile(path, content)
    return path
  }
  return {
    open: () => {
      const store = openStore(`machine-${opened.length}`)
      opened.push(store)
      return { store, write }
    },
    stop: async () => {
      await Promise.allSettled(opened.map((store) => store.close()))
      await stopService()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const onS3 = async (): Promise<RemoteMachines> => {
  const s3 = await startS3()
  const { endpoint, region, credentials } = s3
  const bucket = await s3.bucket()
  return machinesOf(
    (prefix) => openS3Storage({ endpoint, region, credentials, bucket, prefix }),
    () => s3.stop(),
  )
}

const onHdfs = async (): Promise<RemoteMachines> => {
  const { namenode, user, stop } = await startHdfs()
  return machinesOf((name) => openHdfsStorage({ namenodes: [namenode], root: `/${name}`, user }), stop)
}

export const remoteStores = [
  { name: 'S3', available: await requireOrSkip('S3', checkS3), start: onS3 },
  { name: 'HDFS', available: await requireOrSkip('HDFS', checkHdfs), start: onHdfs },
] as const
