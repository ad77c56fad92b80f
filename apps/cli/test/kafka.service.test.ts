import { gzipSync } from 'node:zlib'
import { checkKafka, type KafkaService, startKafka } from '@millrace/testkit/kafka/index.ts'
import { requireOrSkip } from '@millrace/testkit/require-or-skip.ts'
import { CompressionTypes, Kafka, type Message } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOOKS_SQL, Project, tableCounts } from './support.ts'

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const book = (n: number, fields = '<publication_year>1999</publication_year>') =>
  `<book><record_id>${id(n)}</record_id><title>T${n}</title>${fields}<added>2026-01-0${1 + (n % 3)}T00:00:00Z</added></book>`
const library = (...books: string[]) => `<library>${books.join('')}</library>`

/** Messages that nobody should have sent, and the rule that each must be set aside by. */
const BAD: readonly (readonly [rule: string, value: Buffer | null])[] = [
  ['ENG_DATA_EMPTY', null],
  ['ENG_DATA_EMPTY', Buffer.alloc(0)],
  ['ENG_DATA_NOT_UTF8', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xfe])],
  ['ENG_DATA_NOT_UTF8', Buffer.from(library(book(900)).replace('T900', '\xe9'), 'latin1')],
  ['ENG_DATA_NOT_UTF8', gzipSync('binary')],
  ['ENG_DATA_XML', Buffer.from(library(book(901)).slice(0, -12))],
  ['ENG_DATA_XML', Buffer.from('not xml at all')],
  ['ENG_DATA_XML_DOCTYPE', Buffer.from('<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><library>&b;</library>')],
  ['ENG_DATA_LIMIT', Buffer.from(`${'<a>'.repeat(200_000)}`)],
  [
    'ENG_DATA_LIMIT',
    Buffer.from(library(book(902, `<x ${Array.from({ length: 2_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`))),
  ],
  ['ENG_DATA_NO_ROWS', Buffer.from('<shelf><book/></shelf>')],
  ['ENG_DATA_CAST', Buffer.from(library(book(903, '<publication_year>soon</publication_year>')))],
  ['plausible_year', Buffer.from(library(book(904, '<publication_year>3021</publication_year>')))],
  ['ENG_DATA_NOT_NULL', Buffer.from(library(book(905).replace('<title>T905</title>', '')))],
]

describe.skipIf(!(await requireOrSkip('Kafka', checkKafka)))('on a real Kafka', () => {
  let kafka: KafkaService
  let client: Kafka
  const project = new Project()
  const settings = () => ['--set', `KAFKA=${kafka.bootstrap}`, '--set', `LAKE=file://${project.path('lake')}`]
  const table = () => project.path('lake/raw/books')

  const produce = async (messages: readonly Message[], compression = CompressionTypes.None) => {
    const producer = client.producer()
    await producer.connect()
    await producer.send({ topic: 'book_data_topic', acks: -1, compression, messages: [...messages] })
    await producer.disconnect()
  }

  beforeAll(async () => {
    kafka = await startKafka()
    client = new Kafka({ brokers: [...kafka.brokers], logCreator: () => () => undefined })
    const admin = client.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'book_data_topic', numPartitions: 1 }], waitForLeaders: true })
    await admin.disconnect()
  })
  afterAll(async () => {
    project.remove()
    await kafka?.stop()
  })

  it('takes the good books of plain and gzip batches, each once, and sets every kind of bad message aside', async () => {
    await produce([
      { value: library(book(1), book(2)) },
      { key: 'k', value: library(book(2), book(3)), headers: { h: 'v' } },
    ])
    await produce([{ value: library(book(4)) }, { value: library(book(1)) }], CompressionTypes.GZIP)
    await produce(BAD.map(([, value]) => ({ value })))
    await project.ok('run', BOOKS_SQL, '--once', ...settings())
    const { rows, ids } = await tableCounts(table())
    expect([rows, [...ids].sort()]).toEqual([4, [1, 2, 3, 4].map(id)])

    const letters: { reasons: { rule: string }[]; raw: unknown }[] = (
      await project.ok('dead-letters', BOOKS_SQL, ...settings(), '--format', 'json', '--limit', '100')
    )
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(letters.map(({ reasons }) => reasons[0]?.rule).sort()).toEqual(BAD.map(([rule]) => rule).sort())
    await project.ok('verify', BOOKS_SQL, ...settings())
  })

  it('waits with a message while the broker is down, and goes on by itself when it is back', async () => {
    const running = project.start(['run', BOOKS_SQL, ...settings()])
    await produce([{ value: library(book(10)) }])
    await running.says(/\+1 row\b/)
    await kafka.kill()
    await running.says(/127\.0\.0\.1|localhost/)
    await kafka.restart()
    await produce([{ value: library(book(11), book(10)) }])
    await expect
      .poll(async () => (await tableCounts(table())).ids.has(id(11)), { timeout: 40_000, interval: 500 })
      .toBe(true)
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
    const { rows, ids } = await tableCounts(table())
    expect(rows).toBe(6)
    expect(ids.size).toBe(6)
  }, 120_000)

  it('gives up with exit 1 when no broker answers for as long as it was told', async () => {
    const { code, stderr } = await project.run(
      'run',
      BOOKS_SQL,
      '--give-up-after',
      '2s',
      '--set',
      'KAFKA=127.0.0.1:1',
      '--set',
      `LAKE=${project.path('none')}`,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/ENG_RUN_GAVE_UP/)
    expect(stderr).toMatch(/127\.0\.0\.1:1/)
  })
})
