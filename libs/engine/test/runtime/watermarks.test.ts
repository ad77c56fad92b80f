import { describe, expect, it } from 'vitest'
import type { FeedBatch } from '../../src/runtime/feed-port.ts'
import { distance, Watermarks } from '../../src/runtime/watermarks.ts'
import { streamOf } from '../duckdb/plans.ts'

const streams = [streamOf({ id: 'VARCHAR' })]
const topic = streams[0]!.source.topic

/** A batch from `times` (partition → greatest record time read now), `ends` and `latest` (partition → offset). */
const batch = (
  times: Readonly<Record<number, number>>,
  ends: Readonly<Record<number, string>>,
  latest: Readonly<Record<number, string>>,
): FeedBatch =>
  ({
    start: {},
    end: { [topic]: ends },
    latest: { [topic]: latest },
    segments: Object.entries(times).map(([partition, time]) => ({
      stream: 0,
      partition: Number(partition),
      timestamp_ms_max: time,
    })),
    done: false,
    phases_ms: { fetch: 0, scan: 0, wait: 0 },
  }) as unknown as FeedBatch

describe('Watermarks', () => {
  it('is the minimum over the partitions that give records', () => {
    const marks = new Watermarks(streams, undefined, 1_000)
    marks.observe(batch({ 0: 500, 1: 300 }, { 0: '5', 1: '5' }, { 0: '5', 1: '5' }))
    expect(marks.current(10_000)).toEqual({ s: 300 })
  })

  it('waits for a partition whose records were not read yet', () => {
    const marks = new Watermarks(streams, undefined, 1_000)
    marks.observe(batch({ 0: 500 }, { 0: '5', 1: '0' }, { 0: '5', 1: '5' }))
    expect(marks.current(10_000)).toEqual({})
  })

  it('does not wait for a partition that has nothing more to give', () => {
    const marks = new Watermarks(streams, undefined, 1_000)
    marks.observe(batch({ 0: 500, 1: 300 }, { 0: '5', 1: '5' }, { 0: '5', 1: '5' }))
    marks.observe(batch({ 0: 900 }, { 0: '9', 1: '5' }, { 0: '9', 1: '5' }))
    expect(marks.current(10_000)).toEqual({ s: 900 })
  })

  it('never goes back', () => {
    const marks = new Watermarks(streams, undefined, 1_000)
    marks.observe(batch({ 0: 900 }, { 0: '5', 1: '0' }, { 0: '5', 1: '0' }))
    marks.observe(batch({ 0: 950, 1: 100 }, { 0: '6', 1: '1' }, { 0: '6', 1: '1' }))
    expect(marks.current(10_000)).toEqual({ s: 900 })
  })

  it('never passes the batch’s time by more than the limit', () => {
    const marks = new Watermarks(streams, undefined, 1_000)
    marks.observe(batch({ 0: 99_999_999 }, { 0: '5' }, { 0: '5' }))
    expect(marks.current(10_000)).toEqual({ s: 11_000 })
  })

  it('keeps the record times of commits before it', () => {
    const marks = new Watermarks(streams, { s: { 0: 700 } }, 1_000)
    marks.observe(batch({ 0: 600, 1: 800 }, { 0: '5', 1: '5' }, { 0: '5', 1: '5' }))
    expect(marks.recordTimes()).toEqual({ s: { 0: 700, 1: 800 } })
    expect(marks.current(10_000)).toEqual({ s: 700 })
  })
})

describe('distance', () => {
  it('counts what is ahead, partition by partition, and nothing that is behind', () => {
    expect(distance({ a: { 0: '5', 1: '9' } }, { a: { 0: '8', 1: '7', 2: '4' } })).toBe(7)
  })
})
