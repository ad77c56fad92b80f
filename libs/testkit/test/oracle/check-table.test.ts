import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkTable, isClean } from '../../src/oracle/check-table.ts'
import type { LedgerRow } from '../../src/oracle/ledger.ts'

const ledger: LedgerRow[] = Array.from({ length: 1_000 }, (_, i) => ({
  id: `id-${i}`,
  partition: `2026-01-${String(1 + (i % 5)).padStart(2, '0')}`,
  payload: `title ${i}`,
}))
const columns = { id: 'id', partition: 'date', payload: 'title' }

/** Writes the ledger as a table, after the planted fault was done to it. */
const plant = async (
  root: string,
  name: string,
  fault: (rows: (LedgerRow & { in?: string })[]) => void,
): Promise<string> => {
  const rows: (LedgerRow & { in?: string })[] = ledger.map((row) => ({ ...row }))
  fault(rows)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run('CREATE TABLE t (id VARCHAR, title VARCHAR, date VARCHAR, folder VARCHAR)')
  const values = rows.map((row) => `('${row.id}', '${row.payload}', '${row.partition}', '${row.in ?? row.partition}')`)
  await connection.run(`INSERT INTO t VALUES ${values.join(', ')}`)
  for (const day of new Set(rows.map((row) => row.in ?? row.partition))) {
    const folder = join(root, name, `date=${day}`)
    await mkdir(folder, { recursive: true })
    await connection.run(`COPY (SELECT id, title, date FROM t WHERE folder = '${day}') TO '${folder}/a.parquet'`)
  }
  connection.closeSync()
  instance.closeSync()
  return join(root, name, '**/*.parquet')
}

describe('the ledger oracle', () => {
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-oracle-test-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  const found = async (name: string, fault: Parameters<typeof plant>[2], complete = true) =>
    checkTable(await plant(root, name, fault), ledger, columns, { complete })

  it('passes a table that is exactly the ledger', async () => {
    expect(isClean(await found('clean', () => {}))).toBe(true)
  })
  it('finds one doubled row', async () => {
    expect(await found('double', (rows) => rows.push(rows[7]!))).toMatchObject({
      duplicates: 1,
      missing: 0,
      foreign: 0,
    })
  })
  it('finds one missing row, unless the table is still being filled', async () => {
    const lose = (rows: LedgerRow[]) => void rows.splice(3, 1)
    expect(await found('missing', lose)).toMatchObject({ missing: 1, duplicates: 0 })
    expect(isClean(await found('filling', lose, false))).toBe(true)
  })
  it('finds one row that nobody sent', async () => {
    expect(
      await found('foreign', (rows) => rows.push({ id: 'x', partition: '2026-01-01', payload: '' })),
    ).toMatchObject({ foreign: 1 })
  })
  it('finds two rows whose partitions were swapped, in the file or only in the path', async () => {
    expect(
      await found('swapped', (rows) => {
        const [a, b] = [rows[0]!, rows[1]!]
        rows[0] = { ...a, partition: b.partition }
        rows[1] = { ...b, partition: a.partition }
      }),
    ).toMatchObject({ misplaced: 2 })
    expect(
      await found('moved', (rows) => {
        rows[0] = { ...rows[0]!, in: '2026-01-05' }
      }),
    ).toMatchObject({ misplaced: 1 })
  })
  it('finds a changed payload', async () => {
    expect(await found('altered', (rows) => void (rows[9] = { ...rows[9]!, payload: 'other' }))).toMatchObject({
      altered: 1,
    })
  })
})
