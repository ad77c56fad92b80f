import { realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodePartitionPath } from '../../src/core/partition-path.ts'
import { nastyValues } from '../core/nasty-values.ts'
import { ask, Bench, filesSql, planOf, streamOf, tableOf } from './plans.ts'
import { segmentOf } from './segments.ts'

const stream = streamOf({ p: 'VARCHAR', n: 'INTEGER' })
const types = { p: 'VARCHAR', n: 'INTEGER', d: 'DATE' }
const select = `SELECT p, n, DATE '2024-01-01' + n % 3 AS d FROM s`

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const run = async (partitionBy: readonly string[], rows: readonly (readonly (string | null)[])[], limit?: number) => {
  const limits = limit === undefined ? {} : { open_partitions_max: limit }
  const bench = await new Bench(planOf([stream], [tableOf(select, types, partitionBy)], { limits })).open()
  const messages = rows.map((row) => ({ rows: [row] }))
  try {
    return { bench, output: await bench.execute([segmentOf({ messages }, 2)]) }
  } catch (thrown) {
    await bench.remove()
    throw thrown
  }
}

describe('partitioned tables', () => {
  it('keep nasty values apart, inside the work folder, and read back equal', async () => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    const rerun = `again with SEED=${seed} npx vitest run --project engine write-tables`
    const values = nastyValues(seed, 300)
    const rows = values.flatMap((value, i) => [
      [value, String(2 * i)],
      [value, String(2 * i + 1)],
    ])
    const { bench, output } = await run(['p'], rows)
    try {
      expect(output.tables.length, rerun).toBe(values.length)
      expect(output.rowsWritten, rerun).toEqual([rows.length])
      expect(new Set(output.tables.map((file) => file.partition)).size, rerun).toBe(values.length)
      const read =
        await ask(`SELECT filename, n, hex(encode(p)) FROM read_parquet([${output.tables.map(({ path }) => `'${path}'`).join(', ')}],
        filename = true, hive_partitioning = false) ORDER BY n`)
      const partitionOf = new Map(output.tables.map((file) => [file.path, file.partition]))
      read.forEach(([path, n, hex], i) => {
        const p = hex === null ? null : decoder.decode(Buffer.from(String(hex), 'hex'))
        expect([n, p], rerun).toEqual([i, values[Math.floor(i / 2)]])
        const [part] = decodePartitionPath(partitionOf.get(String(path))!)
        if (part!.value.kind === 'value') expect(part!.value.value, rerun).toBe(p)
        if (part!.value.kind === 'null') expect(p, rerun).toBeNull()
      })
      for (const { path } of output.tables)
        expect(realpathSync(path).startsWith(realpathSync(bench.work) + sep)).toBe(true)
    } finally {
      await bench.remove()
    }
  })

  it('partition by plain types without naming them: dates, numbers, NULL', async () => {
    const rows = [
      ['a', '0'],
      ['b', '1'],
      ['c', '4'],
      ['d', null],
    ] as const
    const { bench, output } = await run(['d', 'n'], rows)
    const got = output.tables.map(({ partition, rows }) => [partition, rows]).sort()
    expect(got).toEqual([
      ['d=2024-01-01/n=0', 1],
      ['d=2024-01-02/n=1', 1],
      ['d=2024-01-02/n=4', 1],
      ['d=__HIVE_DEFAULT_PARTITION__/n=__HIVE_DEFAULT_PARTITION__', 1],
    ])
    expect(await ask(`SELECT d, n FROM ${filesSql(output.tables)} ORDER BY ALL`)).toEqual([
      ['2024-01-01', 0],
      ['2024-01-02', 1],
      ['2024-01-02', 4],
      [null, null],
    ])
    await bench.remove()
  })

  it('mix plain and text columns', async () => {
    const { bench, output } = await run(
      ['p', 'd'],
      [
        ['x/y', '0'],
        ['x/y', '3'],
        ['', '0'],
      ],
    )
    expect(output.tables.map(({ partition, rows }) => [partition, rows]).sort()).toEqual([
      ['p=x%2Fy/d=2024-01-01', 2],
      ['p=~empty/d=2024-01-01', 1],
    ])
    await bench.remove()
  })

  it.each([
    ['TIMESTAMP', '2024-01-01 10:11:12.5', 't=2024-01-01%2010%3A11%3A12.5'],
    ['TIMESTAMP WITH TIME ZONE', '2024-01-01 10:11:12+02', 't=2024-01-01%2008%3A11%3A12%2B00'],
    ['BOOLEAN', 'true', 't=true'],
    ['BIGINT', '-9007199254740993', 't=-9007199254740993'],
    ['DECIMAL(38,2)', '-12345678901234567890.10', 't=-12345678901234567890.10'],
    ['DOUBLE', '1e300', 't=1e%2B300'],
    ['BLOB', 'a\\x00/', 't=a%5Cx00%2F'],
  ])('write %s values as their text', async (type, text, partition) => {
    const typed = streamOf({ t: type })
    const bench = await new Bench(planOf([typed], [tableOf('FROM s', { t: type }, ['t'])])).open()
    const output = await bench.execute([segmentOf({ messages: [{ rows: [[text]] }] }, 1)])
    expect(output.tables.map((file) => file.partition)).toEqual([partition])
    await bench.remove()
  })

  it('write one file per partition, also for more partitions than one COPY holds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ['x', String(i % 1_000)])
    const { bench, output } = await run(['n'], rows)
    expect(output.tables).toHaveLength(1_000)
    expect(new Set(output.tables.map((file) => file.partition)).size).toBe(1_000)
    expect(output.tables.every((file) => file.rows === 20)).toBe(true)
    await bench.remove()
  })

  it('refuse more partitions than open_partitions_max, with a hint', async () => {
    const rows = Array.from({ length: 11 }, (_, i) => ['x', String(i)])
    await expect(run(['n'], rows, 10)).rejects.toMatchObject({
      code: 'ENG_DUCKDB_TOO_MANY_PARTITIONS',
      hint: expect.stringContaining('coarser'),
    })
    await expect(
      run(
        ['p'],
        rows.map(([, n]) => [n!, '1']),
        10,
      ),
    ).rejects.toMatchObject({ code: 'ENG_DUCKDB_TOO_MANY_PARTITIONS' })
    const { bench, output } = await run(['n'], rows.slice(0, 10), 10)
    expect(output.tables).toHaveLength(10)
    await bench.remove()
  })

  it.each(['snappy', 'zstd', 'gzip', 'uncompressed'] as const)('compress with %s', async (compression) => {
    const table = tableOf('FROM s', { p: 'VARCHAR', n: 'INTEGER' })
    const output = { ...table, target: { ...table.target, compression } } as typeof table
    const bench = await new Bench(planOf([stream], [output])).open()
    const { tables } = await bench.execute([segmentOf({ messages: [{ rows: [['a', '1']] }] }, 2)])
    const sql = `SELECT DISTINCT compression FROM parquet_metadata('${tables[0]!.path}')`
    expect(await ask(sql)).toEqual([[compression.toUpperCase()]])
    await bench.remove()
  })
})
