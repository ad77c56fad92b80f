import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/core/limits.ts'
import { Database } from '../../src/duckdb/database.ts'
import { lockDown } from '../../src/duckdb/lockdown.ts'

describe('a locked session', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-lockdown-'))
  const work = join(root, 'work')
  let database: Database

  beforeAll(async () => {
    mkdirSync(work)
    mkdirSync(join(root, 'static'))
    for (const name of ['a', 'b']) writeFileSync(join(root, 'static', `${name}.csv`), `x\n${name}\n`)
    writeFileSync(join(root, 'secret.csv'), 'x\nsecret\n')
    symlinkSync('/etc', join(work, 'link'))
    database = await Database.open()
    await lockDown(database, LIMITS, { work, staticFiles: [join(root, 'static', '*.csv')] })
  })
  afterAll(() => {
    database.close()
    rmSync(root, { recursive: true, force: true })
  })

  const refused = [
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM glob('/etc/*')`,
    `SELECT * FROM read_csv('${root}/secret.csv')`,
    `SELECT * FROM read_text('${work}/../secret.csv')`,
    `COPY (SELECT 1) TO '${root}/out.parquet'`,
    `COPY (SELECT 1) TO '${work}/../out.parquet'`,
    `ATTACH '${root}/other.db'`,
    `INSTALL httpfs`,
    `LOAD httpfs`,
    `SET threads = 1`,
    `SET memory_limit = '10GB'`,
    `SET enable_external_access = true`,
    `SET allowed_directories = ['/']`,
    `SET lock_configuration = false`,
    `SET TimeZone = 'Asia/Tokyo'`,
    `RESET memory_limit`,
    `SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')`,
    `EXPORT DATABASE '${root}/dump'`,
    `SELECT getenv('HOME')`,
  ]
  it.each(refused)('refuses %s', async (sql) => {
    await expect(database.run(sql, 'trying')).rejects.toThrow()
    expect(existsSync(join(root, 'out.parquet'))).toBe(false)
  })

  it('refuses a symbolic link out of the work folder', async () => {
    await expect(database.run(`SELECT * FROM read_text('${work}/link/passwd')`, 'trying')).rejects.toThrow()
  })

  it('writes and reads inside the work folder', async () => {
    await database.run(`COPY (SELECT 42 AS x) TO '${work}/x.parquet'`, 'writing')
    expect(await database.count(`FROM '${work}/x.parquet'`, 'reading')).toBe(42)
  })

  it('reads static files, by name and by the glob that named them', async () => {
    expect(await database.rows(`SELECT x FROM read_csv('${root}/static/a.csv', header = true)`, 'reading')).toEqual([
      ['a'],
    ])
    const all = `SELECT x FROM read_csv('${root}/static/*.csv', header = true) ORDER BY x`
    expect(await database.rows(all, 'reading')).toEqual([['a'], ['b']])
  })

  it('speaks UTC and still sets variables', async () => {
    await database.run(`SET VARIABLE v = make_timestamptz(0::BIGINT)`, 'setting')
    expect(await database.rows(`SELECT getvariable('v')::VARCHAR`, 'reading')).toEqual([['1970-01-01 00:00:00+00']])
  })
})
