import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MillraceError } from '../../../src/core/errors/index.ts'
import type { SourceReader } from '../../../src/sources/port.ts'
import { RecordSpans, scanRecordBatches } from '../../../src/sources/record-batch/index.ts'
import { openTopicLogReader, openTopicLogWriter } from '../../../src/sources/topiclog/index.ts'
import { message, messagesOf } from '../record-batch/messages.ts'

const never = new AbortController().signal
const limits = { bytes_max: 1_000_000, wait_ms: 0 }
let directory: string
let trouble: (string | undefined)[]
let readers: SourceReader[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-topiclog-'))
  trouble = []
  readers = []
})
afterEach(async () => {
  for (const reader of readers) await reader.close()
  rmSync(directory, { recursive: true, force: true })
})

const open = (): SourceReader => {
  const reader = openTopicLogReader(directory, 't', { onTrouble: (text) => trouble.push(text) })
  readers.push(reader)
  return reader
}
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => message(`m${from + i}`))

/** Reads one partition to its end, from a position. */
const readAll = async (reader: SourceReader, position: bigint, bytes_max = limits.bytes_max): Promise<string[]> => {
  const values: string[] = []
  const table = new RecordSpans()
  for (;;) {
    const [fetched] = await reader.fetch([{ partition: 0, position }], { ...limits, bytes_max }, never)
    if (fetched === undefined || fetched.bytes.length === 0) return values
    scanRecordBatches(fetched.bytes, position, table)
    values.push(...messagesOf(table).map(({ value }) => String(value)))
    position = table.nextOffset
  }
}
const expected = (from: number, to: number) => numbered(from, to).map(({ value }) => String(value))
const partition = () => join(directory, 't', '0')
const segments = () => readdirSync(partition()).sort()

describe('topic log', () => {
  it('gives back every message from every position, over segment borders and with small fetches', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1, segment_bytes: 1_000 })
    for (let i = 0; i < 300; i += 7) writer.append(0, numbered(i, Math.min(300, i + 7)))
    writer.close()
    expect(segments().length).toBeGreaterThan(5)
    const reader = open()
    for (const position of [0, 1, 6, 7, 150, 299, 300]) {
      expect(await readAll(reader, BigInt(position))).toEqual(expected(position, 300))
      expect(await readAll(reader, BigInt(position), 100)).toEqual(expected(position, 300))
    }
    const info = await reader.describe(never)
    expect(info.partitions).toEqual([{ partition: 0, earliest: 0n, latest: 300n }])
    expect(info.topicId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is read while it is written, also over a roll of segments', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1, segment_bytes: 1_000 })
    const reader = open()
    let position = 0n
    const seen: string[] = []
    const table = new RecordSpans()
    for (let i = 0; i < 100; i += 5) {
      expect(writer.append(0, numbered(i, i + 5))).toBe(BigInt(i))
      const [fetched] = await reader.fetch([{ partition: 0, position }], { ...limits, wait_ms: 1_000 }, never)
      expect(fetched!.latest).toBe(BigInt(i + 5))
      scanRecordBatches(fetched!.bytes, position, table)
      seen.push(...messagesOf(table).map(({ value }) => String(value)))
      position = table.nextOffset
    }
    writer.close()
    expect(seen.concat(await readAll(reader, position))).toEqual(expected(0, 100))
  })

  it('waits for data, and not longer than it was told to', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1 })
    const reader = open()
    const request = [{ partition: 0, position: 0n }]
    const begun = performance.now()
    expect((await reader.fetch(request, { ...limits, wait_ms: 100 }, never))[0]?.bytes.length).toBe(0)
    expect(performance.now() - begun).toBeGreaterThan(80)
    setTimeout(() => writer.append(0, [message('late')]), 50)
    expect((await reader.fetch(request, { ...limits, wait_ms: 20_000 }, never))[0]?.bytes.length).toBeGreaterThan(0)
    writer.close()
  })

  it('cuts off what a killed writer left half written, and readers never see it', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1 })
    writer.append(0, numbered(0, 10))
    writer.close()
    const file = join(partition(), segments()[0]!)
    const whole = statSync(file).size
    const again = openTopicLogWriter(directory, 't')
    again.append(0, numbered(10, 20))
    again.close()
    const full = statSync(file).size
    for (const cut of [full - 1, whole + 61, whole + 5]) {
      truncateSync(file, cut)
      expect(await readAll(open(), 0n)).toEqual(expected(0, 10))
    }
    const next = openTopicLogWriter(directory, 't')
    expect(next.nextOffset(0)).toBe(10n)
    expect(statSync(file).size).toBe(whole)
    next.append(0, numbered(10, 12))
    next.close()
    expect(await readAll(open(), 0n)).toEqual(expected(0, 12))
  })

  it('ignores a tail whose length is whole but whose bytes never reached the disk', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1 })
    writer.append(0, numbered(0, 3))
    writer.close()
    const file = join(partition(), segments()[0]!)
    appendFileSync(file, Buffer.alloc(500))
    expect(await readAll(open(), 0n)).toEqual(expected(0, 3))
    const next = openTopicLogWriter(directory, 't')
    expect(next.append(0, numbered(3, 4))).toBe(3n)
    next.close()
    expect(await readAll(open(), 0n)).toEqual(expected(0, 4))
  })

  it('says which offsets there are when a position is outside of them', async () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1 })
    writer.append(0, numbered(0, 3))
    writer.close()
    const lost = open().fetch([{ partition: 0, position: 9n }], limits, never)
    await expect(lost).rejects.toMatchObject({
      code: 'ENG_KAFKA_OFFSETS_LOST',
      message: expect.stringMatching(/9.*0 to 3/),
    })
  })

  it('has one writer at a time, and takes over from one that is gone', () => {
    const writer = openTopicLogWriter(directory, 't', { partitions: 1 })
    const code = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        return (error as MillraceError).code
      }
    }
    expect(code(() => openTopicLogWriter(directory, 't'))).toBe('ENG_TOPICLOG_LOCKED')
    writer.close()
    const lock = join(directory, 't', 'writer.lock')
    writeFileSync(lock, `${process.ppid}\n`)
    expect(code(() => openTopicLogWriter(directory, 't'))).toBe('ENG_TOPICLOG_LOCKED')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(lock, `${pid}\n`)
    openTopicLogWriter(directory, 't').close()
  })

  it('does not wait for a topic that does not exist when it is told to fail', async () => {
    const options = { onTrouble: (text: string | undefined) => trouble.push(text) }
    const reader = openTopicLogReader(directory, 'missing', options, 'fail')
    await expect(reader.describe(never)).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_UNKNOWN' })
    expect(trouble).toEqual([])
  })

  it('waits for a topic that does not exist, says so, and gives up when told to', async () => {
    const reader = open()
    const waiting = reader.describe(never)
    await new Promise((resolve) => setTimeout(resolve, 50))
    openTopicLogWriter(directory, 't', { partitions: 3 }).close()
    expect((await waiting).partitions).toHaveLength(3)
    expect(trouble).toEqual([expect.stringContaining('does not exist'), undefined])
    const other = openTopicLogReader(directory, 'missing', { onTrouble: () => undefined })
    const given = other.describe(AbortSignal.timeout(50))
    await expect(given).rejects.toMatchObject({ code: 'ENG_KAFKA_TOPIC_UNKNOWN' })
  })

  it('keeps topics inside their directory', () => {
    for (const topic of ['..', '../x', 'a/b', ''])
      expect(() => openTopicLogWriter(directory, topic)).toThrow(/topic name/)
  })
})
