import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { MillraceError } from '../../core/errors/index.ts'
import type { ProduceMessage } from '../produce/message.ts'
import { encodeRecordBatch } from '../record-batch/encode.ts'
import {
  createTopic,
  listSegments,
  partitionFolder,
  readMeta,
  SEGMENT_BYTES,
  segmentFile,
  syncFolder,
  type TopicMeta,
  topicFolder,
} from './layout.ts'
import { lockTopic } from './lock.ts'
import { walkBatches } from './walk.ts'

/** A batch is closed when its keys and values have reached this size, so that readers can take small bites. */
const BATCH_BYTES = 256 * 1024

export interface TopicLogWriter {
  readonly topicId: string
  readonly partitions: number
  /** Offset of the next message of a partition. */
  nextOffset(partition: number): bigint
  /**
   * Appends messages and returns the offset of the first; the others follow without a gap. On return they survive the
   * end of this process, but a power cut only after `flush`.
   */
  append(partition: number, messages: readonly ProduceMessage[], options?: AppendOptions): bigint
  flush(): void
  /** Flushes and lets another process write. */
  close(): void
}

export interface AppendOptions {
  readonly compression?: 'none' | 'gzip'
}

export interface TopicLogOptions {
  /** Of a topic that does not exist yet; an existing one keeps its own. Default 4. */
  readonly partitions?: number
  readonly segment_bytes?: number
}

/**
 * Opens the one writer of an embedded topic and makes the topic where it is missing. What a killed writer left half
 * written is cut off. Throws ENG_TOPICLOG_LOCKED while another process writes, ENG_TOPICLOG_BROKEN for foreign files.
 */
export const openTopicLogWriter = (directory: string, topic: string, options: TopicLogOptions = {}): TopicLogWriter => {
  const folder = topicFolder(directory, topic)
  mkdirSync(folder, { recursive: true })
  const unlock = lockTopic(folder, topic)
  try {
    const meta = readMeta(folder) ?? createTopic(folder, options.partitions ?? 4)
    const logs = Array.from({ length: meta.partitions }, (_, partition) =>
      openPartition(partitionFolder(folder, partition), options.segment_bytes ?? SEGMENT_BYTES),
    )
    return new OpenTopicLog(topic, meta, logs, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

class OpenTopicLog implements TopicLogWriter {
  readonly topicId: string
  readonly partitions: number
  readonly #topic: string
  readonly #logs: readonly PartitionLog[]
  readonly #unlock: () => void

  constructor(topic: string, meta: TopicMeta, logs: readonly PartitionLog[], unlock: () => void) {
    this.topicId = meta.topicId
    this.partitions = meta.partitions
    this.#topic = topic
    this.#logs = logs
    this.#unlock = unlock
  }

  nextOffset(partition: number): bigint {
    return this.#log(partition).next
  }

  append(partition: number, messages: readonly ProduceMessage[], options: AppendOptions = {}): bigint {
    const log = this.#log(partition)
    const first = log.next
    let start = 0
    let bytes = 0
    messages.forEach((message, index) => {
      bytes += (message.key?.length ?? 0) + (message.value?.length ?? 0)
      if (bytes < BATCH_BYTES && index < messages.length - 1) return
      const batch = { baseOffset: log.next, now_ms: Date.now(), ...options }
      log.write(encodeRecordBatch(messages.slice(start, index + 1), batch), index + 1 - start)
      start = index + 1
      bytes = 0
    })
    return first
  }

  flush(): void {
    for (const log of this.#logs) log.flush()
  }

  close(): void {
    for (const log of this.#logs) log.close()
    this.#unlock()
  }

  #log(partition: number): PartitionLog {
    const log = this.#logs[partition]
    if (log !== undefined) return log
    const message = `the embedded topic has ${this.partitions} partitions, so none with number ${partition}`
    throw new MillraceError('ENG_KAFKA_TOPIC_UNKNOWN', message, { topic: this.#topic, partition })
  }
}

/** The growing end of one partition. */
class PartitionLog {
  next: bigint
  readonly #folder: string
  readonly #segmentBytes: number
  #handle: number
  #bytes: number

  constructor(folder: string, segmentBytes: number, handle: number, end: { at: number; offset: bigint }) {
    this.#folder = folder
    this.#segmentBytes = segmentBytes
    this.#handle = handle
    this.#bytes = end.at
    this.next = end.offset
  }

  write(batch: Buffer, messages: number): void {
    if (this.#bytes > 0 && this.#bytes + batch.length > this.#segmentBytes) this.#roll()
    for (let done = 0; done < batch.length; ) {
      try {
        done += writeSync(this.#handle, batch, done, batch.length - done, this.#bytes + done)
      } catch (error) {
        // A full disk must not leave half a batch that a later one is written behind.
        ftruncateSync(this.#handle, this.#bytes)
        throw error
      }
    }
    this.#bytes += batch.length
    this.next += BigInt(messages)
  }

  #roll(): void {
    fdatasyncSync(this.#handle)
    closeSync(this.#handle)
    this.#handle = openSync(segmentFile(this.#folder, this.next), 'wx+')
    syncFolder(this.#folder)
    this.#bytes = 0
  }

  flush(): void {
    fdatasyncSync(this.#handle)
  }

  close(): void {
    fdatasyncSync(this.#handle)
    closeSync(this.#handle)
  }
}

const openPartition = (folder: string, segmentBytes: number): PartitionLog => {
  mkdirSync(folder, { recursive: true })
  const base = listSegments(folder).at(-1)
  if (base === undefined) {
    const handle = openSync(segmentFile(folder, 0n), 'wx+')
    syncFolder(folder)
    return new PartitionLog(folder, segmentBytes, handle, { at: 0, offset: 0n })
  }
  const handle = openSync(segmentFile(folder, base), 'r+')
  const end = walkBatches(handle, { at: 0, offset: base }, 'all')
  ftruncateSync(handle, end.at)
  return new PartitionLog(folder, segmentBytes, handle, end)
}
