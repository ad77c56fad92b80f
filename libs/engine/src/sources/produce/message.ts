/** A message to be written. Null is a value of its own: a tombstone, or a message without a key. */
export interface ProduceMessage {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Milliseconds since the epoch; absent: the time of writing. */
  readonly timestamp_ms?: number
  readonly headers?: readonly ProduceHeader[]
}

export interface ProduceHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

export interface ProduceOptions {
  readonly topic: string
  /** Of a topic that does not exist yet; an existing topic keeps its own number. Default 4. */
  readonly partitions?: number
  /** Messages per second; absent: as fast as it goes. */
  readonly rate?: number
  /** Stop after so many messages; absent: when the messages end. */
  readonly count?: number
  readonly signal?: AbortSignal
  /** Called after each acknowledged batch. */
  readonly onProgress?: (summary: ProduceSummary) => void
}

export interface ProduceSummary {
  /** Messages that were acknowledged (Kafka) or written to the log's files. */
  readonly messages: number
  /** Bytes of their keys and values. */
  readonly bytes: number
}

export type Messages = Iterable<ProduceMessage> | AsyncIterable<ProduceMessage>
