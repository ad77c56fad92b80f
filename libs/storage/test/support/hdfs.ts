import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HdfsService } from '@millrace/testkit/hdfs/index.ts'
import { type FaultPlan, type FaultProxy, startFaultProxy } from '@millrace/testkit/fault-proxy/index.ts'
import { openHdfsStorage, type HdfsStorageOptions } from '../../src/hdfs/index.ts'
import type { LocalFile, StorageAdapter } from '../../src/port.ts'

/** Adapters on one real HDFS, each on a root of its own. */
export class HdfsBench {
  readonly #hdfs: HdfsService
  #made = 0
  constructor(hdfs: HdfsService) {
    this.#hdfs = hdfs
  }

  open(options: Partial<HdfsStorageOptions> = {}): StorageAdapter {
    const { namenode, user } = this.#hdfs
    return openHdfsStorage({ namenodes: [namenode], root: this.root(), user, ...options })
  }

  root(): string {
    this.#made += 1
    return `/bench/${this.#made}`
  }

  /** A NameNode's proxy and a DataNode's, so that every request passes one; the adapter goes through both. */
  async openBehindProxies(plan: FaultPlan, options: Partial<HdfsStorageOptions> = {}): Promise<Proxied> {
    const datanode = await startFaultProxy({ target: await this.#datanode(), plan })
    const rewriteLocation = (location: string): string => {
      const url = new URL(location)
      url.port = String(datanode.port)
      return url.href
    }
    const namenode = await startFaultProxy({ target: this.#hdfs.namenode, plan, rewriteLocation })
    const adapter = this.open({ namenodes: [namenode.endpoint], answer_timeout_ms: 1_000, ...options })
    const close = async (): Promise<void> => {
      await adapter.close()
      await Promise.all([namenode.close(), datanode.close()])
    }
    return { adapter, namenode, datanode, close }
  }

  async #datanode(): Promise<string> {
    const { namenode, user } = this.#hdfs
    const ask = `${namenode}/webhdfs/v1/x?op=CREATE&user.name=${user}`
    const answer = await fetch(ask, { method: 'PUT', redirect: 'manual' })
    return new URL(answer.headers.get('location')!).origin
  }
}

export interface Proxied {
  readonly adapter: StorageAdapter
  readonly namenode: FaultProxy
  readonly datanode: FaultProxy
  close(): Promise<void>
}

/** A finished local file in a folder of its own below the temporary folder. */
export async function localFile(bytes: Uint8Array): Promise<LocalFile> {
  const path = join(await mkdtemp(join(tmpdir(), 'hdfs-test-')), 'file')
  await writeFile(path, bytes)
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
