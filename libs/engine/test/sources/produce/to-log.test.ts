import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { produceToLog } from '../../../src/sources/produce/index.ts'
import { openTopicLogWriter } from '../../../src/sources/topiclog/index.ts'
import { message } from '../record-batch/messages.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-produce-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function* endless() {
  for (let i = 0; ; i++) yield message(`m${i}`, { key: Buffer.from(`key-${i % 50}`) })
}

describe('produceToLog', () => {
  it('writes as many messages as asked, over all partitions, and lets go of the topic', async () => {
    const summary = await produceToLog({ directory, topic: 't', partitions: 4, count: 2_500 }, endless())
    expect(summary.messages).toBe(2_500)
    const writer = openTopicLogWriter(directory, 't')
    const counts = [0, 1, 2, 3].map((partition) => Number(writer.nextOffset(partition)))
    writer.close()
    expect(counts.reduce((a, b) => a + b)).toBe(2_500)
    expect(Math.min(...counts)).toBeGreaterThan(0)
  })

  it('keeps to the rate', async () => {
    const begun = performance.now()
    await produceToLog({ directory, topic: 't', count: 200, rate: 400 }, endless())
    const took_ms = performance.now() - begun
    expect(took_ms).toBeGreaterThan(300)
    expect(took_ms).toBeLessThan(5_000)
  })

  it('stops when it is told to', async () => {
    const stop = AbortSignal.timeout(100)
    const { messages } = await produceToLog({ directory, topic: 't', rate: 100, signal: stop }, endless())
    expect(messages).toBeLessThan(100)
  })
})
