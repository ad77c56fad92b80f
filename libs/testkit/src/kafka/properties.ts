export interface Node {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
}

/** server.properties of one node of a cluster without ZooKeeper (KRaft), every node broker and controller. */
export const serverProperties = (node: Node, nodes: readonly Node[], dataFolder: string): string => {
  const single = nodes.length === 1
  const replicas = single ? 1 : 3
  const inSync = single ? 1 : 2
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',')
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    ...(single
      ? { 'controller.quorum.bootstrap.servers': `127.0.0.1:${node.controllerPort}` }
      : { 'controller.quorum.voters': voters }),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataFolder,
    'num.partitions': 1,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'auto.create.topics.enable': 'false',
    'delete.topic.enable': 'true',
    'message.max.bytes': 16_777_216,
    'replica.fetch.max.bytes': 16_777_216,
    'socket.request.max.bytes': 104_857_600,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.segment.bytes': 268_435_456,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    'log.initial.task.delay.ms': 1_000,
    // Tests write messages with old times: they must not be deleted under the reader.
    'log.retention.ms': -1,
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
