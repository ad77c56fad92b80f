export interface HdfsPorts {
  readonly rpc: number
  readonly http: number
  readonly dataTransfer: number
  readonly dataHttp: number
  readonly dataIpc: number
}

const BLOCK_BYTES = 16 * 1024 * 1024

/** core-site.xml and hdfs-site.xml of one NameNode and one DataNode on loopback, data below `folder`. */
export const hdfsConfiguration = (ports: HdfsPorts, folder: string, user: string): Record<string, string> => ({
  'core-site.xml': siteXml({
    'fs.defaultFS': `hdfs://127.0.0.1:${ports.rpc}`,
    'hadoop.tmp.dir': `${folder}/tmp`,
    'hadoop.http.staticuser.user': user,
  }),
  'hdfs-site.xml': siteXml({
    'dfs.replication': 1,
    'dfs.namenode.name.dir': `file://${folder}/name`,
    'dfs.datanode.data.dir': `file://${folder}/data`,
    'dfs.namenode.rpc-address': `127.0.0.1:${ports.rpc}`,
    'dfs.namenode.http-address': `127.0.0.1:${ports.http}`,
    'dfs.datanode.address': `127.0.0.1:${ports.dataTransfer}`,
    'dfs.datanode.http.address': `127.0.0.1:${ports.dataHttp}`,
    'dfs.datanode.ipc.address': `127.0.0.1:${ports.dataIpc}`,
    'dfs.datanode.hostname': '127.0.0.1',
    'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
    'dfs.webhdfs.enabled': 'true',
    'dfs.permissions.enabled': 'true',
    'dfs.safemode.extension': 0,
    'dfs.namenode.safemode.extension': 0,
    'dfs.namenode.fs-limits.min-block-size': 1_048_576,
    'dfs.blocksize': BLOCK_BYTES,
    'dfs.heartbeat.interval': 1,
    'dfs.namenode.heartbeat.recheck-interval': 2_000,
    // Survives kill -9, not a power cut; a real disk's sync would make up most of a small write.
    'dfs.namenode.edits.noeditlogchannelflush': 'true',
    // A DataNode that closes a file waits this long (400 ms by default) for the NameNode to hear of its block.
    'dfs.client.block.write.locateFollowingBlock.initial.delay.ms': 10,
    'dfs.datanode.du.reserved': 0,
    'dfs.client.block.write.replace-datanode-on-failure.policy': 'NEVER',
  }),
})

const siteXml = (properties: Readonly<Record<string, string | number>>): string => {
  const lines = Object.entries(properties).map(
    ([name, value]) => `  <property><name>${name}</name><value>${value}</value></property>\n`,
  )
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join('')}</configuration>\n`
}
