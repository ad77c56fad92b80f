import { Kafka, Partitioners, type Producer } from 'kafkajs'
import { type Book, books } from '../generators/index.ts'
import type { LedgerRow } from '../oracle/index.ts'

const SEND_MESSAGES = 200

/**
 * Writes books to a real topic through kafkajs's public API and keeps the ledger: what was acknowledged, and nothing
 * else. One send per partition (see services: a send over several leaders can lose acknowledged messages).
 */
export class LedgerProducer {
  readonly #rows = new Map<string, LedgerRow>()
  readonly #producer: Producer
  readonly #topic: string
  readonly #partitions: number
  readonly #source: ReturnType<typeof books>
  #stopped = false
  #running: Promise<void> | undefined
  /** Messages acknowledged, and books of them that must end as dead letters. */
  messages = 0
  deadLetters = 0

  private constructor(producer: Producer, topic: string, partitions: number, seed: number) {
    this.#producer = producer
    this.#topic = topic
    this.#partitions = partitions
    this.#source = books({ seed, bad: 0.01, duplicates: 0.05 })
  }

  static async open(options: {
    readonly bootstrap: string
    readonly topic: string
    readonly partitions: number
    readonly seed: number
  }): Promise<LedgerProducer> {
    const kafka = new Kafka({ brokers: options.bootstrap.split(','), logCreator: () => () => undefined })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic: options.topic, numPartitions: options.partitions }],
      waitForLeaders: true,
    })
    await admin.disconnect()
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    return new LedgerProducer(producer, options.topic, options.partitions, options.seed)
  }

  /** Produces at about so many messages a second until stopped. */
  start(messages_per_s: number): void {
    this.#running = this.#produce((SEND_MESSAGES * 1000) / messages_per_s)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.#producer.disconnect()
  }

  get ledger(): readonly LedgerRow[] {
    return [...this.#rows.values()]
  }

  async #produce(pause_ms: number): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const began = performance.now()
      const burst = Array.from({ length: SEND_MESSAGES }, () => this.#source.next().value)
      const partition = turn % this.#partitions
      const messages = burst.map(({ key, value }) => ({ key: Buffer.from(key), value: Buffer.from(value), partition }))
      await this.#producer.send({ topic: this.#topic, acks: -1, messages })
      for (const { truth } of burst) {
        for (const book of truth.valid) this.#rows.set(book.record_id, ledgerRow(book))
        this.deadLetters += truth.kind === 'malformed' ? 1 : truth.rejected.length
      }
      this.messages += burst.length
      const wait_ms = pause_ms - (performance.now() - began)
      if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms))
    }
  }
}

const ledgerRow = (book: Book): LedgerRow => ({
  id: book.record_id,
  partition: new Date(book.added).toISOString().slice(0, 10),
  payload: book.title,
})
