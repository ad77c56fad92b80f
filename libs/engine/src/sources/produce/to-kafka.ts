import { Kafka, type Message, Partitioners, type Producer } from 'kafkajs'
import { MillraceError } from '../../core/errors/index.ts'
import type { Messages, ProduceMessage, ProduceOptions, ProduceSummary } from './message.ts'
import { inBursts } from './pace.ts'

/** Brokers refuse record batches above 1 MiB by default. */
const SEND_BYTES = 512 * 1024

export interface KafkaProduceOptions extends ProduceOptions {
  readonly brokers: readonly string[]
  readonly clientId?: string
}

/**
 * Writes messages to a Kafka topic with acks=all; the topic is made where it is missing. Keys choose partitions as Java
 * clients do. Every send() is for one partition: kafkajs 2.2.4 reports a send over several leaders as done when one of
 * them died and lost its part (tulios/kafkajs#1303). Resolves when all is acknowledged.
 * Throws ENG_KAFKA_PRODUCE when the brokers did not take it within kafkajs's retries.
 */
export const produceToKafka = async (options: KafkaProduceOptions, messages: Messages): Promise<ProduceSummary> => {
  const kafka = new Kafka({
    clientId: options.clientId ?? 'millrace-produce',
    brokers: [...options.brokers],
    connectionTimeout: 3_000,
    retry: { initialRetryTime: 100, retries: 8 },
    logCreator: () => () => undefined,
  })
  try {
    const partitions = await ensureTopic(kafka, options)
    const producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    try {
      return await sendAll(new PartitionedSender(producer, options, partitions), messages, options)
    } finally {
      await producer.disconnect()
    }
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause
    const message = `producing to ${options.topic} at ${options.brokers.join(', ')} failed: ${(cause as Error).message}`
    throw new MillraceError('ENG_KAFKA_PRODUCE', message, { topic: options.topic, cause })
  }
}

/** Makes the topic where it is missing and answers its number of partitions. */
const ensureTopic = async (kafka: Kafka, options: KafkaProduceOptions): Promise<number> => {
  const { topic, partitions: numPartitions = 4 } = options
  const admin = kafka.admin()
  await admin.connect()
  try {
    const topics = await admin.listTopics()
    if (!topics.includes(topic)) await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
    return found[0]!.partitions.length
  } finally {
    await admin.disconnect()
  }
}

const sendAll = async (
  sender: PartitionedSender,
  messages: Messages,
  options: KafkaProduceOptions,
): Promise<ProduceSummary> => {
  for await (const burst of inBursts(messages, options)) {
    for (const message of burst) sender.add(message)
    // With a rate, what is due is sent at once; without one, in full sends.
    await (options.rate === undefined ? sender.sendFull() : sender.sendEverything())
  }
  await sender.sendEverything()
  return sender.summary
}

/** Collects messages per partition; at most one send per partition is on its way, so that order is kept. */
class PartitionedSender {
  summary: ProduceSummary = { messages: 0, bytes: 0 }
  readonly #producer: Producer
  readonly #options: KafkaProduceOptions
  readonly #waiting: { messages: Message[]; bytes: number }[]
  readonly #sending: Promise<void>[]
  readonly #partitionOf: (message: Message) => number

  constructor(producer: Producer, options: KafkaProduceOptions, partitions: number) {
    this.#producer = producer
    this.#options = options
    this.#waiting = Array.from({ length: partitions }, () => ({ messages: [], bytes: 0 }))
    this.#sending = this.#waiting.map(() => Promise.resolve())
    const choose = Partitioners.DefaultPartitioner()
    const metadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }))
    this.#partitionOf = (message) => choose({ topic: options.topic, partitionMetadata: metadata, message })
  }

  add(message: ProduceMessage): void {
    const bytes = (message.key?.length ?? 0) + (message.value?.length ?? 0)
    const sent: Message = {
      key: asBuffer(message.key),
      value: asBuffer(message.value),
      ...(message.timestamp_ms === undefined ? {} : { timestamp: String(message.timestamp_ms) }),
      ...(message.headers === undefined
        ? {}
        : {
            headers: Object.fromEntries(message.headers.map(({ key, value }) => [key, asBuffer(value) ?? undefined])),
          }),
    }
    const waiting = this.#waiting[this.#partitionOf(sent)]!
    waiting.messages.push(sent)
    waiting.bytes += bytes
  }

  async sendFull(): Promise<void> {
    for (let partition = 0; partition < this.#waiting.length; partition++) {
      if (this.#waiting[partition]!.bytes >= SEND_BYTES) await this.#send(partition)
    }
  }

  async sendEverything(): Promise<void> {
    for (let partition = 0; partition < this.#waiting.length; partition++) await this.#send(partition)
    await Promise.all(this.#sending)
  }

  /** Waits for the partition's send before this one, then sends without waiting. */
  async #send(partition: number): Promise<void> {
    const { messages, bytes } = this.#waiting[partition]!
    if (messages.length === 0) return
    this.#waiting[partition] = { messages: [], bytes: 0 }
    await this.#sending[partition]
    const sending = this.#sendNow(partition, messages, bytes)
    sending.catch(() => undefined)
    this.#sending[partition] = sending
  }

  async #sendNow(partition: number, messages: readonly Message[], bytes: number): Promise<void> {
    const { topic } = this.#options
    for (const part of inParts(messages)) {
      const sent = part.map((message) => ({ ...message, partition }))
      const [acknowledged] = await this.#producer.send({ topic, acks: -1, messages: sent })
      if (acknowledged?.partition !== partition || acknowledged.errorCode !== 0) {
        throw new Error(`the broker did not acknowledge partition ${partition}`)
      }
    }
    this.summary = { messages: this.summary.messages + messages.length, bytes: this.summary.bytes + bytes }
    this.#options.onProgress?.(this.summary)
  }
}

/** Parts of about SEND_BYTES: a burst of large messages may be several sends. */
const inParts = (messages: readonly Message[]): Message[][] => {
  const parts: Message[][] = [[]]
  let bytes = 0
  for (const message of messages) {
    const size = (message.key?.length ?? 0) + (message.value?.length ?? 0)
    if (bytes > 0 && bytes + size > SEND_BYTES * 1.5) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(message)
    bytes += size
  }
  return parts
}

const asBuffer = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
