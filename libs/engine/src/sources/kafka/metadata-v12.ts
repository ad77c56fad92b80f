import { type KafkaBroker, sendRaw } from './cluster.ts'

const METADATA_V12 = { key: 3, version: 12, name: 'Metadata' }

/**
 * The topic's id (KIP-516) as 32 hex digits, which kafkajs does not ask for; undefined from a broker that has none.
 * Metadata v12 is a flexible version (KIP-482): the request's header ends with a tag buffer, which is therefore our
 * first byte, and the answer's payload begins with one.
 * Request => tags, [topics: topic_id UUID, name COMPACT_STRING, tags], allow_auto_topic_creation BOOL,
 *   include_topic_authorized_operations BOOL, tags
 * Response => tags, throttle_time_ms INT32, [brokers: node_id INT32, host COMPACT_STRING, port INT32,
 *   rack COMPACT_STRING, tags], cluster_id COMPACT_STRING, controller_id INT32,
 *   [topics: error_code INT16, name COMPACT_STRING, topic_id UUID, …], …
 */
export const fetchTopicId = async (broker: KafkaBroker, topic: string): Promise<string | undefined> => {
  if ((broker.versions?.[METADATA_V12.key]?.maxVersion ?? 0) < METADATA_V12.version) return undefined
  const name = Buffer.from(topic)
  const length = Buffer.from(unsignedVarint(name.length + 1))
  const body = Buffer.concat([Buffer.from([0, 2]), Buffer.alloc(16), length, name, Buffer.from([0, 0, 0, 0])])
  return readTopicId(await sendRaw(broker, METADATA_V12, body))
}

const unsignedVarint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsignedVarint(value >>> 7)]

const readTopicId = (answer: Buffer): string | undefined => {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = answer.readUInt8(at++)
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const skipText = () => {
    const length = varint() - 1
    at += Math.max(0, length)
  }
  const skipTags = () => {
    for (let tags = varint(); tags > 0; tags--) {
      varint()
      const length = varint()
      at += length
    }
  }
  skipTags()
  at += 4
  for (let brokers = varint() - 1; brokers > 0; brokers--) {
    at += 4
    skipText()
    at += 4
    skipText()
    skipTags()
  }
  skipText()
  at += 4
  if (varint() < 2 || answer.readInt16BE(at) !== 0) return undefined
  at += 2
  skipText()
  const id = answer.toString('hex', at, at + 16)
  return /^0*$/.test(id) ? undefined : id
}
