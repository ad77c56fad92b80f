import { MillraceError } from '../../core/errors/index.ts'
import type { PartitionInfo } from '../port.ts'
import { createCluster, type KafkaBroker, type KafkaCluster } from './cluster.ts'
import { fetchTopicId } from './metadata-v12.ts'

const LATEST = -1
const EARLIEST = -2

/** One connection to the cluster for one topic. It is thrown away at the first trouble, and another one made. */
export class KafkaSession {
  readonly cluster: KafkaCluster
  readonly #topic: string
  topicId: string | undefined

  constructor(brokers: readonly string[], clientId: string, topic: string) {
    this.cluster = createCluster({ brokers, clientId })
    this.#topic = topic
  }

  async open(): Promise<void> {
    await this.cluster.connect()
    await this.cluster.addTargetTopic(this.#topic)
    this.topicId = await fetchTopicId(await this.cluster.brokerPool.findConnectedBroker(), this.#topic)
  }

  /** Addresses of all brokers that the metadata names: where to connect when those of the configuration are down. */
  knownBrokers(): string[] {
    return (this.cluster.brokerPool.metadata?.brokers ?? []).map(({ host, port }) => `${host}:${port}`)
  }

  async describe(): Promise<readonly PartitionInfo[]> {
    await this.cluster.refreshMetadata()
    const partitions = this.cluster
      .findTopicPartitionMetadata(this.#topic)
      .map(({ partitionId }) => partitionId)
      .sort((a, b) => a - b)
    return this.bounds(partitions)
  }

  /** Earliest and last stable offset of each partition. */
  async bounds(partitions: readonly number[]): Promise<readonly PartitionInfo[]> {
    const [earliest, latest] = await Promise.all([
      this.#offsets(partitions, EARLIEST),
      this.#offsets(partitions, LATEST),
    ])
    return partitions.map((partition) => ({
      partition,
      earliest: offsetOf(earliest, this.#topic, partition),
      latest: offsetOf(latest, this.#topic, partition),
    }))
  }

  async #offsets(partitions: readonly number[], fromTimestamp: number): Promise<ReadonlyMap<number, bigint>> {
    const topics = [{ topic: this.#topic, partitions: partitions.map((partition) => ({ partition })), fromTimestamp }]
    const answers = await this.cluster.fetchTopicsOffset(topics)
    return new Map(answers.flatMap((answer) => answer.partitions.map((p) => [p.partition, BigInt(p.offset)] as const)))
  }

  /** Leader → its partitions. */
  leaders(partitions: readonly number[]): Readonly<Record<string, readonly number[]>> {
    return this.cluster.findLeaderForPartitions(this.#topic, partitions)
  }

  broker(nodeId: string): Promise<KafkaBroker> {
    return this.cluster.findBroker({ nodeId })
  }

  /** Does not wait: a broker that hangs would keep us. */
  close(): void {
    void this.cluster.disconnect().catch(() => undefined)
  }
}

const offsetOf = (offsets: ReadonlyMap<number, bigint>, topic: string, partition: number): bigint => {
  const offset = offsets.get(partition)
  if (offset !== undefined) return offset
  const message = `the brokers name no offset for ${topic}, partition ${partition}`
  throw new MillraceError('ENG_KAFKA_PROTOCOL', message, { topic, partition })
}
