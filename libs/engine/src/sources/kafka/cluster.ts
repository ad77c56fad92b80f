import { Kafka } from 'kafkajs'

/**
 * The one place that reaches into kafkajs (pinned to 2.2.4): its cluster carries authentication, TLS, metadata, leaders
 * and reconnects, and its connections carry any request. What is used of it is written down here as types and
 * kept honest by a contract test.
 */
export interface KafkaCluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[]
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
  findBroker(node: { readonly nodeId: string }): Promise<KafkaBroker>
  findGroupCoordinator(group: { readonly groupId: string }): Promise<KafkaBroker>
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
      readonly fromTimestamp: number
    }[],
  ): Promise<
    readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  >
  readonly brokerPool: {
    readonly metadata: { readonly brokers: readonly { readonly host: string; readonly port: number }[] } | null
    findConnectedBroker(): Promise<KafkaBroker>
  }
}

export interface KafkaBroker {
  /** API key → versions that the broker speaks. */
  readonly versions: Readonly<Record<string, { readonly minVersion: number; readonly maxVersion: number }>> | null
  readonly connectionPool: {
    send<T>(exchange: { readonly request: RawRequest; readonly response: RawResponse<T> }): Promise<T>
  }
  offsetCommit(commit: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }): Promise<unknown>
}

export interface RawRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
  /** kafkajs copies `buffer` behind the header and checks that `buf` is a Buffer, as its own encoder's is. */
  encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
}

export interface RawResponse<T> {
  /** The payload begins after the correlation id. */
  decode(payload: Buffer): Promise<{ readonly raw: Buffer; readonly clientSideThrottleTime: number }>
  parse(decoded: { readonly raw: Buffer }): Promise<T>
}

/** Sends a request whose body is ready and returns the answer's bytes, untouched and uncopied. */
export const sendRaw = (broker: KafkaBroker, api: { key: number; version: number; name: string }, body: Buffer) =>
  broker.connectionPool.send<Buffer>({
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      encode: async () => ({ buf: body, buffer: body }),
    },
    response: {
      decode: async (raw) => ({ raw, clientSideThrottleTime: 0 }),
      parse: async ({ raw }) => raw,
    },
  })

const CONNECTION_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 15_000
const READ_COMMITTED = 1

/** A cluster that is not connected yet. It says nothing on the console, and gives up after each broker was tried once. */
export const createCluster = (options: {
  readonly brokers: readonly string[]
  readonly clientId: string
}): KafkaCluster => {
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 50, maxRetryTime: 250, retries: options.brokers.length },
    logCreator: () => () => undefined,
  })
  const key = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description === 'private:Kafka:createCluster')
  const create = key === undefined ? undefined : (kafka as unknown as Record<symbol, unknown>)[key]
  if (typeof create !== 'function') throw new TypeError('this kafkajs has no createCluster: it must be 2.2.4')
  return create({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  }) as KafkaCluster
}
