import { checkKafka, type KafkaService, requireOrSkip, startKafka } from '@millrace/testkit'
import { CompressionTypes, type IHeaders, Kafka, type Message, Partitioners } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCluster } from '../../../src/sources/kafka/cluster.ts'
import { fetchTopicId } from '../../../src/sources/kafka/metadata-v12.ts'
import { openSource } from '../../../src/sources/open-source.ts'
import type { FetchRequest, SourceReader } from '../../../src/sources/port.ts'
import { produceToKafka } from '../../../src/sources/produce/index.ts'
import { AbortFilter, RecordSpans, scanRecordBatches } from '../../../src/sources/record-batch/index.ts'
import { messagesOf } from '../record-batch/messages.ts'

const hasKafka = await requireOrSkip('Kafka', checkKafka)
const limits = { bytes_max: 1_000_000, wait_ms: 200 }
const never = new AbortController().signal
let topics = 0

describe.skipIf(!hasKafka)('Kafka source', () => {
  let service: KafkaService
  let kafka: Kafka
  let readers: SourceReader[] = []
  let trouble: (string | undefined)[] = []

  beforeAll(async () => {
    service = await startKafka()
    kafka = new Kafka({ brokers: [...service.brokers], logCreator: () => () => undefined, retry: { retries: 20 } })
  })
  afterEach(async () => {
    await Promise.all(readers.map((reader) => reader.close()))
    readers = []
    trouble = []
  })
  afterAll(() => service?.stop())

  const makeTopic = async (numPartitions = 1, configEntries: { name: string; value: string }[] = []) => {
    const topic = `topic-${++topics}`
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true })
    await admin.disconnect()
    return topic
  }
  const withAdmin = async <T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
    const admin = kafka.admin()
    await admin.connect()
    return work(admin).finally(() => admin.disconnect())
  }
  const send = async (topic: string, messages: Message[], compression = CompressionTypes.None) => {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({ topic, messages, compression, acks: -1 })
    await producer.disconnect()
  }
  const open = (topic: string, group?: string, brokers: readonly string[] = service.brokers): SourceReader => {
    const plan = { kind: 'kafka', topic, brokers, start: 'earliest', onDataLoss: 'fail', clientId: 'test' } as const
    const reader = openSource(
      { ...plan, ...(group === undefined ? {} : { group }) },
      { onTrouble: (m) => trouble.push(m) },
    )
    readers.push(reader)
    return reader
  }
  /** Reads from the positions until so many messages came. */
  const read = async (
    reader: SourceReader,
    requests: readonly FetchRequest[],
    count: number,
    bytes_max = 1_000_000,
  ) => {
    const positions = new Map(requests.map(({ partition, position }) => [partition, position]))
    const table = new RecordSpans()
    const messages: (ReturnType<typeof messagesOf>[number] & { partition: number })[] = []
    for (const deadline = Date.now() + 60_000; messages.length < count && Date.now() < deadline; ) {
      const next = [...positions].map(([partition, position]) => ({ partition, position }))
      for (const { partition, bytes, position, aborted } of await reader.fetch(next, { ...limits, bytes_max }, never)) {
        scanRecordBatches(bytes, position, table, { aborts: new AbortFilter(aborted ?? []) })
        messages.push(...messagesOf(table).map((message) => ({ ...message, partition })))
        positions.set(partition, table.nextOffset)
      }
    }
    return { messages, positions }
  }
  const first = [{ partition: 0, position: 0n }]

  it('finds in kafkajs what it reaches for (contract of the pinned version)', async () => {
    const topic = await makeTopic(2)
    const cluster = createCluster({ brokers: service.brokers, clientId: 'contract' })
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    expect(cluster.findTopicPartitionMetadata(topic)).toHaveLength(2)
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0, 1]))
    const broker = await cluster.findBroker({ nodeId: nodeId! })
    expect(broker.versions?.['1']?.maxVersion).toBeGreaterThanOrEqual(11)
    expect(await fetchTopicId(broker, topic)).toMatch(/^[0-9a-f]{32}$/)
    await cluster.disconnect()
  })

  it('reads what kafkajs wrote: keys, null keys, null values, headers, times, plain and gzip', async () => {
    const topic = await makeTopic()
    const headers: IHeaders = { one: 'x', two: 'y' }
    const written: Message[] = [
      { key: 'k1', value: 'plain', timestamp: '1700000000001', headers },
      { key: null, value: 'no key', timestamp: '1700000000002' },
      { key: 'gone', value: null, timestamp: '1600000000000' },
      { key: 'ü', value: 'größer', timestamp: '1700000000004' },
    ]
    await send(topic, written)
    await send(topic, written, CompressionTypes.GZIP)
    const reader = open(topic)
    const info = await reader.describe(never)
    expect(info.partitions).toEqual([{ partition: 0, earliest: 0n, latest: 8n }])
    expect(info.topicId).toMatch(/^[0-9a-f]{32}$/)
    const { messages } = await read(reader, first, 8)
    const wanted = [...written, ...written].map(({ key, value, timestamp, headers: given }, i) => ({
      offset: BigInt(i),
      timestamp_ms: Number(timestamp),
      key,
      value,
      headerCount: Object.keys(given ?? {}).length,
      partition: 0,
    }))
    expect(messages).toEqual(wanted)
    const fromMiddle = await read(reader, [{ partition: 0, position: 2n }], 6)
    expect(fromMiddle.messages).toEqual(wanted.slice(2))
    expect(trouble).toEqual([])
  })

  it('hides aborted transactions and passes their markers', async () => {
    const topic = await makeTopic()
    const producer = kafka.producer({
      transactionalId: `tx-${topic}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    for (const [value, commit] of [
      ['a', true],
      ['lost', false],
      ['b', true],
      ['lost too', false],
      ['c', true],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }, { value: `${value}+` }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    const reader = open(topic)
    const { partitions } = await reader.describe(never)
    const { messages } = await read(reader, first, 6)
    expect(messages.map(({ value }) => value)).toEqual(['a', 'a+', 'b', 'b+', 'c', 'c+'])
    const rest = await read(reader, first, 6)
    // The last marker may come with the next fetch.
    const end = rest.positions.get(0)!
    expect(end === partitions[0]!.latest || end === partitions[0]!.latest - 1n).toBe(true)
  })

  it('brings messages above the fetch limit, in every partition', async () => {
    const topic = await makeTopic(3, [{ name: 'max.message.bytes', value: '8000000' }])
    const value = 'x'.repeat(3_000_000)
    for (let partition = 0; partition < 3; partition++) await send(topic, [{ partition, value }])
    const requests = [0, 1, 2].map((partition) => ({ partition, position: 0n }))
    const { messages } = await read(open(topic), requests, 3, 100_000)
    expect(messages.map(({ partition }) => partition).sort()).toEqual([0, 1, 2])
    expect(messages.every((message) => message.value === value)).toBe(true)
  })

  it('says which offsets are left when its position is gone', async () => {
    const topic = await makeTopic()
    await send(topic, [{ value: 'a' }, { value: 'b' }, { value: 'c' }])
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    })
    const reader = open(topic)
    for (const position of [1n, 99n]) {
      const lost = reader.fetch([{ partition: 0, position }], limits, never)
      const message = expect.stringMatching(new RegExp(`offset ${position} .* holds 2 to 3`))
      await expect(lost).rejects.toMatchObject({ code: 'ENG_KAFKA_OFFSETS_LOST', message })
    }
  })

  it('writes positions back to a group for lag tools', async () => {
    const topic = await makeTopic()
    await send(topic, [{ value: 'a' }, { value: 'b' }])
    const group = `group-${topic}`
    const reader = open(topic, group)
    await reader.describe(never)
    // A fresh broker's coordinator is not there at once.
    const offsetNow = () =>
      withAdmin(async (admin) => {
        const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
        return offsets?.partitions[0]?.offset
      }).catch(() => undefined)
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      await reader.acknowledge([{ partition: 0, position: 2n }])
      if ((await offsetNow()) === '2') break
    }
    expect(await offsetNow()).toBe('2')
  })

  it('gives up on a topic that the brokers do not know when it is told to fail', async () => {
    const plan = { kind: 'kafka', topic: 'never-made', brokers: service.brokers, clientId: 'test' } as const
    const reader = openSource(
      { ...plan, start: 'earliest', onDataLoss: 'fail', whenMissing: 'fail' },
      { onTrouble: (m) => trouble.push(m) },
    )
    readers.push(reader)
    await expect(reader.describe(never)).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_UNKNOWN' })
  })

  it('waits for a topic that does not exist, says so, and gives up when told to', async () => {
    const reader = open('made-later')
    const waiting = reader.describe(never)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(trouble[0]).toMatch(/made-later.*does not exist/)
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic: 'made-later' }], waitForLeaders: true }))
    expect((await waiting).partitions).toHaveLength(1)
    expect(trouble.at(-1)).toBeUndefined()
    const given = open('never-made').describe(AbortSignal.timeout(500))
    await expect(given).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_UNKNOWN' })
  })

  it('gives up soon after it is told to when no broker answers', async () => {
    const begun = performance.now()
    const given = open('any', undefined, ['127.0.0.1:1']).describe(AbortSignal.timeout(700))
    await expect(given).rejects.toMatchObject({ code: 'ENG_KAFKA_UNREACHABLE' })
    expect(performance.now() - begun).toBeLessThan(3_000)
    expect(trouble[0]).toMatch(/127\.0\.0\.1:1 does not answer/)
  })

  it('notices that the topic was made again while it was read', async () => {
    const topic = await makeTopic()
    await send(topic, [{ value: 'a' }])
    const reader = open(topic)
    await reader.describe(never)
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    const reading = (async () => {
      for (;;) await reader.fetch([{ partition: 0, position: 1n }], limits, never)
    })()
    reading.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 500))
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic }], waitForLeaders: true }))
    await expect(reading).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_RECREATED' })
  })

  it('goes on by itself after the broker was killed and came back, with nothing lost and nothing twice', async () => {
    const topic = await makeTopic(2)
    const value = (i: number) => `message ${i}`
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({
        key: Buffer.from(`k${from + i}`),
        value: Buffer.from(value(from + i)),
      }))
    const options = { brokers: service.brokers, topic }
    expect(await produceToKafka(options, numbered(0, 500))).toMatchObject({ messages: 500 })
    const reader = open(topic)
    const requests = [0, 1].map((partition) => ({ partition, position: 0n }))
    const before = await read(reader, requests, 500)
    const next = [...before.positions].map(([partition, position]) => ({ partition, position }))
    const after = read(reader, next, 500)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await service.kill()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(trouble.length).toBeGreaterThan(0)
    expect(trouble[0]).toMatch(/trying again/)
    await service.restart()
    await produceToKafka(options, numbered(500, 1_000))
    const all = [...before.messages, ...(await after).messages].map((message) => message.value)
    expect(all.sort()).toEqual(Array.from({ length: 1_000 }, (_, i) => value(i)).sort())
    expect(trouble.at(-1)).toBeUndefined()
  }, 120_000)
})
