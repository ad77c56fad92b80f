import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BatchInput, StateFile } from '../../src/duckdb/session-port.ts'
import type { StreamPlan } from '../../src/plan/consumption-plan.ts'
import { ask, Bench, filesSql, planOf, streamOf } from './plans.ts'
import { segmentOf } from './segments.ts'

const HOUR = 3_600_000
const T0 = 1_700_000_000_000
const WIDTH = HOUR

const streamWith = (types: Readonly<Record<string, string>>, keys: readonly string[]): StreamPlan =>
  streamOf(types, { dedup: { columns: keys, within_ms: 8 * HOUR } })

const ids = streamWith({ id: 'INTEGER', v: 'VARCHAR' }, ['id'])
const planFor = (stream: StreamPlan) =>
  planOf([stream], [{ target: { kind: 'memory', name: 'm' }, sql: `FROM ${stream.name} ORDER BY ALL`, columns: [] }])

type Rows = readonly (readonly (string | null)[])[]
/** One message per row, all at one record time. */
const segmentAt = (timestamp_ms: number, rows: Rows, more: { partition?: number; start?: number } = {}) =>
  segmentOf({ ...more, messages: rows.map((row) => ({ timestamp_ms, rows: [row] })) }, rows[0]?.length ?? 1)

class Run extends Bench {
  async rows(timestamp_ms: number, rows: Rows, more: Partial<BatchInput> = {}) {
    const output = await this.execute([segmentAt(timestamp_ms, rows)], { batchTime_ms: T0 + 100 * HOUR, ...more })
    return { ...output, got: output.shown[0]!.rows, repeats: output.streams['s']!.repeats }
  }
}

const using = async (stream: StreamPlan, work: (run: Run) => Promise<void>): Promise<void> => {
  const run = new Run(planFor(stream))
  try {
    await run.open()
    await work(run)
  } finally {
    await run.remove()
  }
}

describe('deduplication', () => {
  it('keeps the first by partition and offset within a batch, whatever the order of segments', async () => {
    await using(ids, async (run) => {
      const output = await run.execute([
        segmentAt(T0, [['1', 'partition 1']], { partition: 1, start: 0 }),
        segmentAt(T0, [['1', 'offset 9']], { partition: 0, start: 9 }),
        segmentAt(
          T0,
          [
            ['1', 'offset 5'],
            ['1', 'offset 6'],
            ['2', 'other'],
          ],
          { partition: 0, start: 5 },
        ),
      ])
      expect(output.shown[0]!.rows).toEqual([
        [1, 'offset 5'],
        [2, 'other'],
      ])
      expect(output.streams['s']).toMatchObject({ rows: 5, repeats: 3, deadLetters: 0 })
    })
  })

  it('remembers keys over batches, of the same batch too', async () => {
    await using(ids, async (run) => {
      expect(
        (
          await run.rows(T0, [
            ['1', 'a'],
            ['2', 'b'],
          ])
        ).repeats,
      ).toBe(0)
      const second = await run.rows(T0, [
        ['2', 'again'],
        ['3', 'c'],
        ['2', 'once more'],
        ['3', 'again'],
      ])
      expect(second).toMatchObject({ got: [[3, 'c']], repeats: 3 })
      expect(
        await run.rows(T0, [
          ['1', ''],
          ['2', ''],
          ['3', ''],
        ]),
      ).toMatchObject({ got: [], repeats: 3, state: [] })
    })
  })

  it('validates first: a bad row neither takes a key nor is a repeat', async () => {
    const stream = streamOf({ id: 'VARCHAR', n: 'INTEGER' }, { dedup: { columns: ['id'], within_ms: HOUR } })
    await using(stream, async (run) => {
      const first = await run.rows(T0, [
        ['k', 'bad'],
        ['k', '1'],
        ['k', 'bad too'],
      ])
      expect(first).toMatchObject({ got: [['k', 1]], repeats: 0 })
      expect(first.streams['s']).toMatchObject({ deadLetters: 2 })
    })
  })

  it('never takes a row with a NULL in its key for a repeat', async () => {
    await using(streamWith({ a: 'INTEGER', b: 'INTEGER' }, ['a', 'b']), async (run) => {
      const rows: Rows = [
        ['1', null],
        ['1', null],
        [null, null],
        ['1', '1'],
        ['1', '2'],
        ['2', '1'],
        ['1', '1'],
      ]
      expect(await run.rows(T0, rows)).toMatchObject({ repeats: 1 })
      expect(await run.rows(T0, rows)).toMatchObject({
        got: [
          [1, null],
          [1, null],
          [null, null],
        ],
        repeats: 4,
      })
    })
  })

  it.each([
    ['UUID', '6f9619ff-8b86-d011-b42d-00c04fc964ff', '6f9619ff-8b86-d011-b42d-00c04fc964fe'],
    ['VARCHAR', 'x', 'X'],
    ['VARCHAR', '', ' '],
    ['BIGINT', '9007199254740993', '9007199254740992'],
    ['HUGEINT', '170141183460469231731687303715884105727', '170141183460469231731687303715884105726'],
    ['DECIMAL(38,3)', '12345678901234567890123456789.123', '12345678901234567890123456789.124'],
    ['TIMESTAMP', '2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000002'],
    ['TIMESTAMP WITH TIME ZONE', '2024-01-01 00:00:00.000001+00', '2024-01-01 00:00:00.000002+00'],
    ['DATE', '2024-01-01', '2024-01-02'],
    ['DOUBLE', '0.1', '0.2'],
    ['TIME', '10:00:00.000001', '10:00:00'],
    ['INTERVAL', '1 month', '31 days'],
    ['INTEGER[]', '[1, 2]', '[1, 3]'],
  ])('restores %s keys exactly from delta and from snapshot files', async (type, key, other) => {
    const stream = streamWith({ k: type, v: 'VARCHAR' }, ['k'])
    await using(stream, async (first) => {
      const { state } = await first.rows(T0, [[key, 'a']], { snapshot: true })
      expect(state.map((file) => file.kind)).toEqual(['delta', 'snapshot'])
      for (const file of state) {
        await using(stream, async (second) => {
          await second.session.restore([{ path: copyInto(second, file), file }])
          const output = await second.rows(T0, [
            [key, 'again'],
            [other, 'new'],
          ])
          expect(output.repeats).toBe(1)
          expect(output.got.map((row) => row[1])).toEqual(['new'])
        })
      }
    })
  })

  it('puts keys into buckets of record time and forgets a bucket when the watermark has passed all of it', async () => {
    await using(ids, async (run) => {
      const start = Math.floor(T0 / WIDTH) * WIDTH
      const first = await run.rows(T0, [['1', 'a']])
      expect(first.state).toMatchObject([
        { stream: 's', kind: 'delta', bucket_start_ms: start, bucket_end_ms: start + WIDTH, rows: 1 },
      ])
      const later = await run.rows(T0 + 3 * HOUR, [['2', 'b']], { watermarks_ms: { s: start + 9 * HOUR - 1 } })
      expect(later).toMatchObject({ droppedBuckets: [], repeats: 0 })
      expect((await run.rows(T0, [['1', 'again']])).repeats).toBe(1)
      const passed = await run.rows(
        T0 + 3 * HOUR,
        [
          ['1', 'still there'],
          ['2', ''],
        ],
        { watermarks_ms: { s: start + 9 * HOUR } },
      )
      expect(passed).toMatchObject({ droppedBuckets: [`s:${start}`], repeats: 2 })
      expect(
        await run.rows(T0 + 3 * HOUR, [
          ['1', 'forgotten'],
          ['2', ''],
        ]),
      ).toMatchObject({ got: [[1, 'forgotten']], repeats: 1 })
    })
  })

  it('holds wrong record times between the oldest live bucket and the batch’s time', async () => {
    await using(ids, async (run) => {
      const batchTime_ms = T0 + 10 * HOUR
      const segments = [0, -1, T0 + 10_000 * HOUR].map((time, i) =>
        segmentAt(time, [[String(i), '']], { partition: i }),
      )
      const output = await run.execute(segments, { batchTime_ms, watermarks_ms: { s: T0 + 9 * HOUR } })
      const bucket = (time: number) => Math.floor(time / WIDTH) * WIDTH
      const starts = output.state.map((file) => file.bucket_start_ms).sort((a, b) => a - b)
      expect(starts).toEqual([bucket(T0 + HOUR), bucket(batchTime_ms)])
      expect(output.droppedBuckets).toEqual([])
      const again = await run.execute(segments, { batchTime_ms, watermarks_ms: { s: T0 + 9 * HOUR } })
      expect(again.streams['s']!.repeats).toBe(3)
    })
  })

  it('writes at most 32 buckets per batch and still knows every key', async () => {
    await using(ids, async (run) => {
      const segments = Array.from({ length: 500 }, (_, i) => segmentAt(T0 - i * HOUR, [[String(i), '']], { start: i }))
      const output = await run.execute(segments)
      expect(output.state.length).toBeLessThanOrEqual(32)
      expect(output.state.reduce((sum, file) => sum + file.rows, 0)).toBe(500)
      for (const file of output.state) {
        const keys = (await ask(`SELECT k0 FROM ${filesSql([file])}`)).flat() as number[]
        for (const key of keys) expect(file.bucket_end_ms).toBeGreaterThan(T0 - key * HOUR)
      }
      expect((await run.execute(segments)).streams['s']!.repeats).toBe(500)
    })
  })

  it('snapshots hold all live keys of their bucket and take the place of its deltas', async () => {
    await using(ids, async (run) => {
      await run.rows(T0, [
        ['1', ''],
        ['2', ''],
      ])
      const { state } = await run.rows(T0, [['3', '']], { snapshot: true })
      expect(state.map(({ kind, rows }) => [kind, rows])).toEqual([
        ['delta', 1],
        ['snapshot', 3],
      ])
    })
  })

  it('does not move when a batch fails: the same batch counts again', async () => {
    const plan = planFor(ids)
    const failing = { ...plan.outputs[0]!, sql: `SELECT CASE WHEN v = 'bad' THEN error('stop') END FROM s` }
    const run = new Run({ ...plan, outputs: [failing, plan.outputs[0]!] })
    await run.open()
    await expect(
      run.rows(T0, [
        ['1', 'good'],
        ['2', 'bad'],
      ]),
    ).rejects.toThrow('stop')
    const output = await run.rows(T0, [
      ['1', 'good'],
      ['2', 'good'],
    ])
    expect(output.repeats).toBe(0)
    await run.remove()
  })
})

const copyInto = (run: Run, file: StateFile): string => {
  const path = join(run.work, `${file.kind}.state`)
  copyFileSync(file.path, path)
  return path
}
