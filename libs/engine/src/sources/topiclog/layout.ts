import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '../../core/errors/index.ts'

/**
 * An embedded topic on disk: `<directory>/<topic>/topic.json` (what it is), `writer.lock` (who writes), and
 * `<partition>/<base offset, 20 digits>.log`: record batches as a broker stores them, one after the other.
 */
export interface TopicMeta {
  readonly format: 1
  /** Made once per topic, so that a topic that was deleted and made again is known as another one. */
  readonly topicId: string
  readonly partitions: number
}

/** A new segment file is begun when the old one has reached this size. */
export const SEGMENT_BYTES = 64 * 1024 * 1024

/** Kafka's own rule for names, which also keeps a topic inside its directory. */
export const topicFolder = (directory: string, topic: string): string => {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
    const message = `“${topic}” is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens`
    throw new MillraceError('ENG_KAFKA_TOPIC_UNKNOWN', message, { topic })
  }
  return join(directory, topic)
}

export const partitionFolder = (folder: string, partition: number): string => join(folder, String(partition))

export const segmentFile = (folder: string, baseOffset: bigint): string =>
  join(folder, `${String(baseOffset).padStart(20, '0')}.log`)

/** Base offsets of a partition's segments, ascending. */
export const listSegments = (folder: string): bigint[] => {
  const names = readdirSync(folder).filter((name) => /^\d{20}\.log$/.test(name))
  return names.sort().map((name) => BigInt(name.slice(0, 20)))
}

/** Undefined where there is no such topic (yet). Throws ENG_TOPICLOG_BROKEN for a file that no writer wrote. */
export const readMeta = (folder: string): TopicMeta | undefined => {
  let text: string
  try {
    text = readFileSync(join(folder, 'topic.json'), 'utf8')
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined
    throw cause
  }
  const meta = parseMeta(text)
  if (meta === undefined) {
    throw new MillraceError('ENG_TOPICLOG_BROKEN', 'topic.json of the embedded topic is damaged', { path: folder })
  }
  return meta
}

const parseMeta = (text: string): TopicMeta | undefined => {
  try {
    const meta = JSON.parse(text) as Partial<TopicMeta>
    const sound = meta.format === 1 && typeof meta.topicId === 'string' && Number.isSafeInteger(meta.partitions)
    return sound ? (meta as TopicMeta) : undefined
  } catch {
    return undefined
  }
}

/** Makes the topic's folders. Atomic: readers see the topic with all its partitions, or none. */
export const createTopic = (folder: string, partitions: number): TopicMeta => {
  const meta: TopicMeta = { format: 1, topicId: randomUUID(), partitions }
  for (let partition = 0; partition < partitions; partition++) {
    mkdirSync(partitionFolder(folder, partition), { recursive: true })
  }
  const temporary = join(folder, `topic.json.${process.pid}`)
  writeFileSync(temporary, `${JSON.stringify(meta)}\n`, { flush: true })
  renameSync(temporary, join(folder, 'topic.json'))
  syncFolder(folder)
  return meta
}

/** Makes new names in a folder survive a power cut. */
export const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
