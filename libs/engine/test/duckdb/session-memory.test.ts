import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Segment, SegmentColumn } from '../../src/runtime/segment.ts'
import { ask, Bench, filesSql, planOf, streamOf, tableOf } from './plans.ts'

const MB = 1024 * 1024

const column = (rows: number, value: (row: number) => string): SegmentColumn => {
  const data = Buffer.from(Array.from({ length: rows }, (_, row) => value(row)).join(''), 'latin1')
  const shared = new SharedArrayBuffer(data.length)
  Buffer.from(shared).set(data)
  const ends = new Uint32Array(new SharedArrayBuffer(rows * 4))
  let at = 0
  for (let row = 0; row < rows; row++) ends[row] = at += value(row).length
  return { data: shared, ends: ends.buffer as SharedArrayBuffer, nulls: new SharedArrayBuffer(rows) }
}

/** `messages` messages of `bytes` bytes with one row each. */
const segmentOfMany = (
  messages: number,
  bytes: number,
  columns: readonly ((row: number) => string)[],
  start = 0,
): Segment => {
  const offsets = new BigInt64Array(new SharedArrayBuffer(messages * 8))
  const times = new BigInt64Array(new SharedArrayBuffer(messages * 8)).fill(1_700_000_000_000n)
  const values = new Int32Array(new SharedArrayBuffer(messages * 8))
  const none = new Int32Array(new SharedArrayBuffer(messages * 8)).fill(-1)
  const rowMessage = new Uint32Array(new SharedArrayBuffer(messages * 4))
  for (let i = 0; i < messages; i++) {
    offsets[i] = BigInt(start + i)
    values[2 * i] = i * bytes
    values[2 * i + 1] = bytes
    rowMessage[i] = i
  }
  const raw = new SharedArrayBuffer(messages * bytes)
  Buffer.from(raw).fill('<library><book>some text of a message</book></library>')
  return {
    id: start,
    stream: 0,
    topic: 't',
    partition: 0,
    start: BigInt(start),
    end: BigInt(start + messages),
    messages,
    rows: messages,
    bytes: messages * bytes,
    raw,
    offsets: offsets.buffer as SharedArrayBuffer,
    timestamps_ms: times.buffer as SharedArrayBuffer,
    values: values.buffer as SharedArrayBuffer,
    keys: none.buffer as SharedArrayBuffer,
    headers: none.buffer as SharedArrayBuffer,
    rowMessage: rowMessage.buffer as SharedArrayBuffer,
    columns: columns.map((value) => column(messages, value)),
    rejects: [],
  }
}

describe('memory', () => {
  it('holds when every row of a 64 MB batch is bad', async () => {
    const stream = streamOf({ id: 'INTEGER', day: 'DATE' })
    const limits = { memory_limit_bytes: 128 * MB }
    const bench = await new Bench(
      planOf([stream], [tableOf('FROM s', { id: 'INTEGER', day: 'DATE' })], { limits }),
    ).open()
    const segments = Array.from({ length: 8 }, (_, i) =>
      segmentOfMany(8_000, 1_000, [(row) => `id ${row}`, (row) => `day ${row}`], i * 8_000),
    )
    const output = await bench.execute(segments)
    expect(output.streams['s']).toMatchObject({ rows: 64_000, deadLetters: 64_000 })
    expect(output.rowsWritten).toEqual([0])
    const sql = `SELECT count(*), sum(octet_length(raw)), sum(len(reasons)), count(DISTINCT "offset") FROM ${filesSql(output.deadLetters)}`
    expect(await ask(sql)).toEqual([['64000', '64000000', '128000', '64000']])
    await bench.remove()
  })

  it('lets dedup state go to disk when it passes the limit, and still finds every repeat', async () => {
    const stream = streamOf({ id: 'UUID' }, { dedup: { columns: ['id'], within_ms: 86_400_000 } })
    const limits = { memory_limit_bytes: 40 * MB }
    const bench = await new Bench(planOf([stream], [], { limits })).open()
    const path = join(bench.work, 'seen.parquet')
    const key = `printf('%08x-0000-0000-0000-000000000000', i)::UUID`
    await ask(`COPY (SELECT ${key} AS k0 FROM range(3000000) t(i)) TO '${path}'`)
    const file = {
      stream: 's',
      kind: 'snapshot',
      bucket_start_ms: 1_699_999_200_000,
      bucket_end_ms: 1_700_010_000_000,
    } as const
    await bench.session.restore([{ path, file }])
    const id = (row: number): string => `${(row * 100).toString(16).padStart(8, '0')}-0000-0000-0000-000000000000`
    const output = await bench.execute([segmentOfMany(40_000, 100, [id])])
    expect(output.streams['s']).toMatchObject({ rows: 40_000, repeats: 30_000 })
    await bench.remove()
  })

  it('ends a query that needs more with ENG_DUCKDB_OUT_OF_MEMORY, and the session lives on', async () => {
    const stream = streamOf({ n: 'INTEGER' })
    const limits = { memory_limit_bytes: 32 * MB }
    const sql = `SELECT n, list(repeat(x::VARCHAR, 100)) AS xs FROM (SELECT n, unnest(range(n)) AS x FROM s) GROUP BY n`
    const bench = await new Bench(planOf([stream], [tableOf(sql, { n: 'INTEGER' })], { limits })).open()
    const one = (n: string) => bench.execute([segmentOfMany(1, 10, [() => n])])
    await expect(one('500000')).rejects.toMatchObject({ code: 'ENG_DUCKDB_OUT_OF_MEMORY' })
    expect(await one('3')).toMatchObject({ rowsWritten: [1] })
    await bench.remove()
  })
})
