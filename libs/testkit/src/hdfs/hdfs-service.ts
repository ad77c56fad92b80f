export type HdfsNode = 'namenode' | 'datanode'

/** A running HDFS for tests: one NameNode and one DataNode, replication 1. */
export interface HdfsService {
  /** `webhdfs://127.0.0.1:port`, without a path. */
  readonly webhdfs: string
  /** The NameNode's `http://127.0.0.1:port`. */
  readonly namenode: string
  /** The superuser: what `user.name` should say. Others may read, and write nowhere. */
  readonly user: string
  /** Ends a node as a power cut would: kill -9. Default: the NameNode. */
  kill(node?: HdfsNode): Promise<void>
  /** Starts a killed node again, on its data and its ports; resolves when HDFS takes writes. */
  restart(node?: HdfsNode): Promise<void>
  killDatanode(): Promise<void>
  restartDatanode(): Promise<void>
  /** Freezes a node: its connections stay open, and nothing answers. Default: the NameNode. */
  pause(node?: HdfsNode): void
  resume(node?: HdfsNode): void
  /** In safe mode everything can be read and nothing written. */
  safeMode(state: 'on' | 'off'): Promise<void>
  /** Ends everything and removes the data. */
  stop(): Promise<void>
}

export interface HdfsOptions {
  /** Of each of the two JVMs. Default 256. */
  readonly heap_mb?: number
}
