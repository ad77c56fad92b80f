import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { books, type BooksMessage } from '@millrace/testkit/generators'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Positions } from '../../../src/core/positions.ts'
import { createFeed } from '../../../src/runtime/feed/index.ts'
import type { Feed, FeedRequest } from '../../../src/runtime/feed-port.ts'
import type { Segment } from '../../../src/runtime/segment.ts'
import type { ProduceMessage } from '../../../src/sources/produce/index.ts'
import { produceToLog } from '../../../src/sources/produce/index.ts'
import { openTopicLogWriter } from '../../../src/sources/topiclog/index.ts'
import { booksPlan, booksStream, logSource } from './books-plan.ts'

let directory: string
let feeds: Feed[]
let trouble: (string | undefined)[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-feed-'))
  feeds = []
  trouble = []
})
afterEach(async () => {
  await Promise.all(feeds.map((feed) => feed.close()))
  rmSync(directory, { recursive: true, force: true })
})

const makeFeed = (): Feed => {
  const feed = createFeed({ onTrouble: (message) => trouble.push(message) })
  feeds.push(feed)
  return feed
}

const request: FeedRequest = { bytes_max: 4_000_000, rows_max: 1_000_000, linger_ms: 0 }
const text = (buffer: SharedArrayBuffer, start: number, end: number): string =>
  Buffer.from(Buffer.from(buffer, start, end - start)).toString()

/** Values of one column, as the session reads them. */
const column = (segment: Segment, index: number): (string | null)[] => {
  const { data, ends, nulls } = segment.columns[index]!
  const end = new Uint32Array(ends)
  const isNull = new Uint8Array(nulls)
  return Array.from({ length: segment.rows }, (_, row) =>
    isNull[row] === 1 ? null : text(data, row === 0 ? 0 : end[row - 1]!, end[row]!),
  )
}

const take = (count: number, options: Parameters<typeof books>[0]): BooksMessage[] => {
  const source = books(options)
  return Array.from({ length: count }, () => source.next().value)
}

const append = (messages: readonly ProduceMessage[], partitions = 1, topic = 'books') => {
  const writer = openTopicLogWriter(directory, topic, { partitions })
  for (const [i, message] of messages.entries()) writer.append(i % writer.partitions, [message])
  writer.close()
}

/** Reads until `until`, checks that batches follow from each other, and gives everything back in time. */
const drain = async (feed: Feed, until: Positions, start: Positions, look: (segment: Segment) => void, more = {}) => {
  let position = start
  for (let batches = 1; ; batches++) {
    const batch = await feed.next({ ...request, ...more, until })
    expect(batch.start).toEqual(position)
    for (const segment of batch.segments) look(segment)
    feed.release(batch.segments.map(({ id }) => id))
    position = batch.end
    if (batch.done) return { end: position, batches }
  }
}

describe('feed', () => {
  it('hands out every book of every good message once, and every bad message as a reject with its bytes', async () => {
    const messages = take(3_000, { seed: 7, bad: 0.1, duplicates: 0.1 })
    await produceToLog({ directory, topic: 'books', partitions: 3 }, messages)
    const feed = makeFeed()
    const start = await feed.open(
      booksPlan([booksStream(logSource(directory))], { segment_bytes_max: 100_000 }),
      undefined,
    )
    const ids: (string | null)[] = []
    const rejected: string[] = []
    let count = 0
    const { end, batches } = await drain(
      feed,
      start.latest,
      start.positions,
      (segment) => {
        count += segment.messages
        ids.push(...column(segment, 0))
        const values = new Int32Array(segment.values)
        for (const { message } of segment.rejects) {
          const [at, length] = [values[message * 2]!, values[message * 2 + 1]!]
          rejected.push(text(segment.raw, at, at + length))
        }
      },
      { bytes_max: 500_000 },
    )
    expect(batches).toBeGreaterThan(3)
    expect(end).toEqual(start.latest)
    expect(count).toBe(messages.length)
    const readable = messages.filter(({ truth }) => truth.kind !== 'malformed')
    const wanted = readable.flatMap(({ truth }) => [...truth.valid.map((book) => book.record_id), ...truth.rejected])
    expect(ids.sort().join() === wanted.sort().join(), `${ids.length} rows of ${wanted.length}`).toBe(true)
    const malformed = messages.filter(({ truth }) => truth.kind === 'malformed')
    expect(rejected.length).toBe(malformed.length)
    expect(
      rejected.sort().join() ===
        malformed
          .map(({ value }) => Buffer.from(value).toString())
          .sort()
          .join(),
    ).toBe(true)
  })

  it('keeps offsets, keys, times and rows of a message together', async () => {
    const messages = take(200, { seed: 3 }).map((message, i) => ({ ...message, timestamp_ms: 1_000 + i }))
    append(messages)
    const feed = makeFeed()
    const start = await feed.open(
      booksPlan([booksStream(logSource(directory))], { segment_bytes_max: 20_000 }),
      undefined,
    )
    let next = 0
    await drain(feed, start.latest, start.positions, (segment) => {
      const offsets = new BigInt64Array(segment.offsets)
      const times = new BigInt64Array(segment.timestamps_ms)
      const keys = new Int32Array(segment.keys)
      const rowMessage = new Uint32Array(segment.rowMessage)
      const ids = column(segment, 0)
      const titles = column(segment, 1)
      expect(segment.start).toBe(BigInt(next))
      for (let i = 0; i < segment.messages; i++, next++) {
        const { key, truth } = messages[next]!
        expect(offsets[i]).toBe(BigInt(next))
        expect(times[i]).toBe(BigInt(1_000 + next))
        expect(text(segment.raw, keys[i * 2]!, keys[i * 2]! + keys[i * 2 + 1]!)).toBe(Buffer.from(key).toString())
        const rows = ids.flatMap((id, row) => (rowMessage[row] === i ? [{ id, title: titles[row] }] : []))
        expect(rows).toEqual(truth.valid.map(({ record_id, title }) => ({ id: record_id, title })))
      }
      expect(segment.end).toBe(BigInt(next))
      expect(segment.timestamp_ms_max).toBe(999 + next)
    })
    expect(next).toBe(200)
  })

  it('sets aside empty, null, oversized, binary and foreign messages, each with its reason', async () => {
    const good = '<library><book><record_id>é</record_id></book></library>'
    const spoiled: Record<string, Buffer | null> = {
      ENG_DATA_EMPTY: null,
      'ENG_DATA_EMPTY ': Buffer.alloc(0),
      ENG_DATA_TOO_LARGE: Buffer.from(`<library>${' '.repeat(2_000)}</library>`),
      ENG_DATA_NOT_UTF8: Buffer.concat([Buffer.from('<library><book><title>'), Buffer.from([0xc3, 0x28])]),
      ENG_DATA_XML: Buffer.from('<library><book></library>'),
      ENG_DATA_NO_ROWS: Buffer.from('<shelf/>'),
    }
    // Two halves of one character, at the end of one message and the beginning of the next, are valid in neither.
    const halves = [Buffer.from([0x3c, 0x61, 0xc3]), Buffer.from([0xa9, 0x3e])]
    const values = [Buffer.from(good), ...Object.values(spoiled), Buffer.from(good), ...halves, Buffer.from(good)]
    append(values.map((value) => ({ key: null, value })))
    const feed = makeFeed()
    const plan = booksPlan([booksStream(logSource(directory))], { message_bytes_max: 1_000 })
    const start = await feed.open(plan, undefined)
    const codes: string[] = []
    let rows = 0
    await drain(feed, start.latest, start.positions, (segment) => {
      rows += segment.rows
      codes.push(...segment.rejects.map(({ code }) => code))
      expect(column(segment, 0).every((id) => id === 'é')).toBe(true)
    })
    expect(rows).toBe(3)
    const wanted = [...Object.keys(spoiled).map((code) => code.trim()), 'ENG_DATA_NOT_UTF8', 'ENG_DATA_NOT_UTF8']
    expect(codes).toEqual(wanted)
  })

  it('keeps the keys of messages that follow an invalid one, in a segment that was cut by its rows', async () => {
    const many = Buffer.from(`<library>${'<book><record_id>r</record_id></book>'.repeat(60_000)}</library>`)
    const messages = Array.from({ length: 5 }, (_, i) => ({ key: Buffer.from(`key-${i}`), value: many }))
    append([...messages, { key: Buffer.from('bad'), value: Buffer.from([0xff]) }])
    const feed = makeFeed()
    const limits = { segment_bytes_max: 64_000_000 }
    const start = await feed.open(booksPlan([booksStream(logSource(directory))], limits), undefined)
    const keys: string[] = []
    let segments = 0
    await drain(feed, start.latest, start.positions, (segment) => {
      segments++
      const spans = new Int32Array(segment.keys)
      for (let i = 0; i < segment.messages; i++) {
        keys.push(text(segment.raw, spans[i * 2]!, spans[i * 2]! + spans[i * 2 + 1]!))
      }
    })
    expect(keys).toEqual(['key-0', 'key-1', 'key-2', 'key-3', 'key-4', 'bad'])
    expect(segments).toBeGreaterThan(1)
  })

  it('reads at most two batches ahead, and goes on when memory is given back', async () => {
    append(take(2_000, { seed: 1 }))
    const feed = makeFeed()
    const limits = { segment_bytes_max: 20_000, batch_bytes_max: 100_000 }
    const start = await feed.open(booksPlan([booksStream(logSource(directory))], limits), undefined)
    const small = { ...request, bytes_max: 100_000, until: start.latest }
    const first = await feed.next(small)
    const second = await feed.next(small)
    const third = feed.next(small)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(first.segments.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100_000)
    feed.release([...first.segments, ...second.segments].map(({ id }) => id))
    const batch = await third
    expect(batch.segments.length).toBeGreaterThan(0)
    expect(batch.start).toEqual(second.end)
  })

  it('uses the memory of segments that were given back again', async () => {
    append(take(3_000, { seed: 1 }))
    const feed = makeFeed()
    const limits = { segment_bytes_max: 20_000, batch_bytes_max: 60_000 }
    const start = await feed.open(booksPlan([booksStream(logSource(directory))], limits), undefined)
    const memories = new Set<SharedArrayBuffer>()
    let segments = 0
    const look = (segment: Segment) => {
      segments++
      memories.add(segment.raw)
    }
    await drain(feed, start.latest, start.positions, look, { bytes_max: 60_000 })
    expect(segments).toBeGreaterThan(100)
    expect(memories.size).toBeLessThan(16)
  })

  it('stops exactly at `until`, also when it had read further, and goes on from there', async () => {
    append(take(100, { seed: 1 }))
    const feed = makeFeed()
    await feed.open(booksPlan([booksStream(logSource(directory))], { segment_bytes_max: 10_000 }), undefined)
    const first = await feed.next({ ...request, bytes_max: 10_000 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const until = { books: { 0: '37' } }
    const { end } = await drain(feed, until, first.end, () => undefined)
    expect(end).toEqual(until)
    const idle = await feed.next({ ...request, until })
    expect(idle).toMatchObject({ segments: [], done: true, start: until, end: until })
    const rest = await drain(feed, { books: { 0: '100' } }, until, () => undefined)
    expect(rest.end).toEqual({ books: { 0: '100' } })
  })

  it('waits for data while there is none, until it is interrupted', async () => {
    append([])
    const feed = makeFeed()
    await feed.open(booksPlan([booksStream(logSource(directory))]), undefined)
    const waiting = feed.next(request)
    setTimeout(() => feed.interrupt(), 60)
    expect(await waiting).toMatchObject({ segments: [], done: false })
    const next = feed.next(request)
    append(take(3, { seed: 1 }))
    expect((await next).segments.length).toBeGreaterThan(0)
  })

  it('goes on collecting for the linger time', async () => {
    append(take(1, { seed: 1 }))
    const feed = makeFeed()
    await feed.open(booksPlan([booksStream(logSource(directory))]), undefined)
    setTimeout(() => append(take(1, { seed: 2 })), 100)
    const batch = await feed.next({ ...request, linger_ms: 600 })
    expect(batch.end).toEqual({ books: { 0: '2' } })
  })

  it('starts where the last commit ended, and new partitions at their first record', async () => {
    append(take(10, { seed: 1 }), 2)
    const feed = makeFeed()
    const committed = { positions: { books: { 0: '4' } }, topicIds: {} }
    const start = await feed.open(booksPlan([booksStream(logSource(directory))]), committed)
    expect(start.positions).toEqual({ books: { 0: '4', 1: '0' } })
    const seen: bigint[] = []
    await drain(feed, start.latest, start.positions, (segment) => {
      if (segment.partition === 0) seen.push(...new BigInt64Array(segment.offsets).subarray(0, segment.messages))
    })
    expect(seen).toEqual([4n])
  })

  it('refuses positions that the topic does not hold and topics that were made again, unless told to skip', async () => {
    append(take(10, { seed: 1 }))
    const open = (committed: Parameters<Feed['open']>[1], onDataLoss: 'fail' | 'skip') => {
      const plan = booksPlan([booksStream({ ...logSource(directory), onDataLoss })])
      return makeFeed().open(plan, committed)
    }
    const beyond = { positions: { books: { 0: '11' } }, topicIds: {} }
    await expect(open(beyond, 'fail')).rejects.toMatchObject({ code: 'ENG_KAFKA_OFFSETS_LOST' })
    expect((await open(beyond, 'skip')).positions).toEqual({ books: { 0: '10' } })
    const other = { positions: { books: { 0: '5' } }, topicIds: { books: 'another' } }
    await expect(open(other, 'fail')).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_RECREATED' })
    expect((await open(other, 'skip')).positions).toEqual({ books: { 0: '0' } })
    expect(trouble).toHaveLength(2)
  })

  it('feeds several streams: of one topic the same records each, of two topics both', async () => {
    append(take(50, { seed: 1 }))
    append(take(30, { seed: 2 }), 1, 'more')
    const feed = makeFeed()
    const streams = [
      booksStream(logSource(directory), 'a'),
      booksStream(logSource(directory), 'b'),
      booksStream(logSource(directory, 'more'), 'c'),
    ]
    const start = await feed.open(booksPlan(streams), undefined)
    const messages = [0, 0, 0]
    await drain(feed, start.latest, start.positions, ({ stream, messages: count }) => {
      messages[stream]! += count
    })
    expect(messages).toEqual([50, 50, 30])
  })

  it('reports what stopped it from every next call', async () => {
    append(take(5, { seed: 1 }))
    const feed = makeFeed()
    const failing = booksPlan([booksStream(logSource(directory))])
    await feed.open(failing, { positions: { books: { 0: '5' } }, topicIds: {} })
    rmSync(directory, { recursive: true, force: true })
    await expect(feed.next(request)).rejects.toMatchObject({ code: expect.stringMatching(/^ENG_/) })
    await expect(feed.next(request)).rejects.toMatchObject({ code: expect.stringMatching(/^ENG_/) })
  })
})
