import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../../core/errors/index.ts'
import type { FetchedRecords, FetchRequest, SourceOptions, SourceReader, TopicInfo } from '../port.ts'
import { partitionFolder, readMeta, type TopicMeta, topicFolder } from './layout.ts'
import { PartitionReader } from './partition-reader.ts'

/** How often the files are looked at while there is nothing new. */
const POLL_MS = 10
const MISSING_POLL_MS = 100

/**
 * Reads an embedded topic, also while it is written. A topic that does not exist is waited for, with a trouble message,
 * until the signal fires (ENG_KAFKA_TOPIC_UNKNOWN); with `fail` it is that error at once.
 */
export const openTopicLogReader = (
  directory: string,
  topic: string,
  options: SourceOptions,
  whenMissing: 'wait' | 'fail' = 'wait',
): SourceReader => new TopicLogReader(directory, topic, options, whenMissing)

class TopicLogReader implements SourceReader {
  readonly #topic: string
  readonly #folder: string
  readonly #options: SourceOptions
  readonly #whenMissing: 'wait' | 'fail'
  readonly #partitions = new Map<number, PartitionReader>()

  constructor(directory: string, topic: string, options: SourceOptions, whenMissing: 'wait' | 'fail') {
    this.#topic = topic
    this.#folder = topicFolder(directory, topic)
    this.#options = options
    this.#whenMissing = whenMissing
  }

  async describe(signal: AbortSignal): Promise<TopicInfo> {
    const meta = await this.#waitForTopic(signal)
    const partitions = Array.from({ length: meta.partitions }, (_, partition) => ({
      partition,
      ...this.#reader(partition).bounds(),
    }))
    return { topic: this.#topic, topicId: meta.topicId, partitions }
  }

  async #waitForTopic(signal: AbortSignal): Promise<TopicMeta> {
    for (let waited = false; ; waited = true) {
      const meta = readMeta(this.#folder)
      if (meta !== undefined) {
        if (waited) this.#options.onTrouble(undefined)
        return meta
      }
      if (this.#whenMissing === 'fail') throw this.#missing()
      const message = `waiting for the embedded topic ${this.#topic}: it does not exist yet`
      if (!waited) this.#options.onTrouble(message)
      await sleep(MISSING_POLL_MS, undefined, { signal }).catch(() => {
        throw this.#missing()
      })
    }
  }

  #missing(): MillraceError {
    const message = `the embedded topic ${this.#topic} does not exist`
    return new MillraceError('ENG_KAFKA_TOPIC_UNKNOWN', message, { topic: this.#topic })
  }

  async fetch(
    requests: readonly FetchRequest[],
    limits: { readonly bytes_max: number; readonly wait_ms: number },
    signal: AbortSignal,
  ): Promise<readonly FetchedRecords[]> {
    const deadline = performance.now() + limits.wait_ms
    while (!signal.aborted) {
      const fetched = requests.map((request) => ({
        ...request,
        ...this.#reader(request.partition).read(request.position, limits.bytes_max),
      }))
      const left_ms = deadline - performance.now()
      if (fetched.some(({ bytes }) => bytes.length > 0) || left_ms <= 0) return fetched
      await sleep(Math.min(POLL_MS, left_ms), undefined, { signal }).catch(() => undefined)
    }
    return []
  }

  #reader(partition: number): PartitionReader {
    const known = this.#partitions.get(partition)
    if (known !== undefined) return known
    const reader = new PartitionReader(partitionFolder(this.#folder, partition), this.#topic, partition)
    this.#partitions.set(partition, reader)
    return reader
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {
    for (const reader of this.#partitions.values()) reader.close()
    this.#partitions.clear()
  }
}
