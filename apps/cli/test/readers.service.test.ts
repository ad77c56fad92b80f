import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { produceToLog } from '@millrace/engine/sources/produce/index.ts'
import { books } from '@millrace/testkit/generators'
import { pythonWithReaders, runPython } from '@millrace/testkit/python/python.ts'
import { requireOrSkip } from '@millrace/testkit/require-or-skip.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const MESSAGES = 3_000

const DUCKDB = `
import duckdb, json, sys
duckdb.sql("SET TimeZone = 'UTC'")
relation = duckdb.sql(f"SELECT * FROM read_parquet('{sys.argv[1]}/**/*.parquet', hive_partitioning = true) ORDER BY record_id")
types = {name: str(kind) for name, kind in zip(relation.columns, relation.types)}
rows = duckdb.sql("SELECT count(*), count(DISTINCT record_id), min(added)::VARCHAR, max(publication_year) FROM relation").fetchone()
print(json.dumps({"types": types, "rows": rows}))
`
const SPARK = `
import json, sys
from pyspark.sql import SparkSession, functions as f
spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
  .config("spark.driver.host", "127.0.0.1").config("spark.sql.session.timeZone", "UTC").getOrCreate())
table = spark.read.parquet(sys.argv[1])
row = table.select(f.count("*"), f.countDistinct("record_id"), f.min("added").cast("string"), f.max("publication_year")).first()
print(json.dumps({"types": {x.name: x.dataType.simpleString() for x in table.schema}, "rows": list(row)}))
`

describe.skipIf(!(await requireOrSkip('Python with duckdb and pyspark', pythonWithReaders)))(
  'readers that share no code with us',
  () => {
    let lake = ''
    const ids = new Set<string>()
    let added_min = '9999'
    let year_max = 0

    beforeAll(async () => {
      lake = await mkdtemp(join(tmpdir(), 'millrace-readers-'))
      const source = books({ seed: 11, bad: 0.02, duplicates: 0.1 })
      const messages = Array.from({ length: MESSAGES }, () => source.next().value)
      for (const book of messages.flatMap(({ truth }) => truth.valid)) {
        ids.add(book.record_id)
        added_min = book.added < added_min ? book.added : added_min
        year_max = Math.max(year_max, Number(book.publication_year))
      }
      await produceToLog({ topic: 'book_data_topic', directory: join(lake, 'topics') }, messages)
      const settings = ['--set', `KAFKA=embedded:${join(lake, 'topics')}`, '--set', `LAKE=${lake}`]
      await run(process.execPath, [
        join(root, 'apps/cli/bin/millrace.js'),
        'run',
        join(root, 'sql/books_raw.sql'),
        '--once',
        ...settings,
      ])
    })
    afterAll(() => rm(lake, { recursive: true, force: true }))

    const time = (text: string) => new Date(`${text.slice(0, 19).replace(' ', 'T')}Z`).getTime()
    const expectRows = (rows: [number, number, string, number]) => {
      expect(rows[0]).toBe(ids.size)
      expect(rows[1]).toBe(ids.size)
      expect(time(rows[2])).toBe(time(added_min))
      expect(rows[3]).toBe(year_max)
    }

    it('Python duckdb reads the table, with the types of the language page', async () => {
      const { types, rows } = JSON.parse(await runPython(DUCKDB, [join(lake, 'raw/books')]))
      expectRows(rows)
      expect(types).toMatchObject({
        record_id: 'VARCHAR',
        title: 'VARCHAR',
        publication_year: 'INTEGER',
        added: 'TIMESTAMP WITH TIME ZONE',
        date: 'DATE',
      })
    })

    it('pyspark reads the table, with the types of the language page', async () => {
      const { types, rows } = JSON.parse(await runPython(SPARK, [join(lake, 'raw/books')]))
      expectRows(rows)
      expect(types).toMatchObject({
        record_id: 'string',
        title: 'string',
        author_name: 'string',
        publication_year: 'int',
        added: 'timestamp',
        date: 'date',
      })
    }, 240_000)
  },
)
