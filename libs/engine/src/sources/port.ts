/**
 * A source hands out record batches as bytes (Kafka record batch v2, KIP-98), whatever it is: a broker or a topic log
 * on disk. It is replayable: the same position gives the same records again, or an error that says they are lost.
 */
export interface PartitionInfo {
  readonly partition: number
  /** First offset that can still be read. */
  readonly earliest: bigint
  /** Offset after the last record (last stable offset under read_committed). */
  readonly latest: bigint
}

export interface TopicInfo {
  readonly topic: string
  /** Identity of this incarnation of the topic, where the source knows one (KIP-516 topic id, or the log's own). */
  readonly topicId?: string
  readonly partitions: readonly PartitionInfo[]
}

export interface FetchedRecords {
  readonly partition: number
  /**
   * One or more record batches, the last perhaps cut short. The caller's to overwrite; valid until the `fetch` after the
   * next one is called, so that one answer can be scanned while the next is on its way.
   */
  readonly bytes: Uint8Array
  /** The position that was asked for: records below it, in the first batch, are to be skipped. */
  readonly position: bigint
  readonly latest: bigint
  /** Aborted transactions whose records may lie in `bytes` (KIP-98), by first offset; absent: none. */
  readonly aborted?: readonly AbortedTransaction[]
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface FetchRequest {
  readonly partition: number
  readonly position: bigint
}

export interface SourceReader {
  /** Partitions and their offsets now. Retries are inside; throws ENG_KAFKA_* when it gave up or the signal fired. */
  describe(signal: AbortSignal): Promise<TopicInfo>
  /**
   * Reads from all the positions at once, at most `bytes_max` per partition (always at least one whole record batch
   * where there is one), waiting up to `wait_ms` when all are at their end. An empty answer is no error.
   * Throws ENG_KAFKA_OFFSETS_LOST for a position out of range; leader changes and cut connections are retried inside,
   * announced by `onTrouble`.
   */
  fetch(
    requests: readonly FetchRequest[],
    limits: { readonly bytes_max: number; readonly wait_ms: number },
    signal: AbortSignal,
  ): Promise<readonly FetchedRecords[]>
  /** Lets lag tools see progress. Decides nothing, never throws. */
  acknowledge(positions: readonly FetchRequest[]): Promise<void>
  close(): Promise<void>
}

export interface SourceOptions {
  /** Called with a sentence for people each time something has to be retried, and with undefined when it works again. */
  readonly onTrouble: (message: string | undefined) => void
}
