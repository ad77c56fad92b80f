import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOOKS_SQL, booksTruth, Project, tableCounts } from './support.ts'

const SHAPE = { seed: 7, bad: 0.02, duplicates: 0.05 }
const COUNT = 1_500
const PRODUCE = ['produce', 'books', '--topic', 'book_data_topic', '--seed', '7', '--bad', '2%', '--duplicates', '5%']
const TABLE = '.millrace/lake/raw/books'

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

describe('a run on the embedded log', () => {
  const project = new Project()
  afterAll(() => project.remove())
  beforeAll(async () => {
    await project.ok(...PRODUCE, '--count', String(COUNT))
    await project.ok('run', BOOKS_SQL, '--once')
  })

  it('leaves exactly the valid different books, and sets the bad ones aside', async () => {
    const truth = booksTruth(COUNT, SHAPE)
    const { rows, ids } = await tableCounts(project.path(TABLE))
    expect(rows).toBe(truth.ids.size)
    expect(ids).toEqual(truth.ids)
    const [counted] = jsonLines(
      await project.ok(
        'query',
        '-f',
        BOOKS_SQL,
        "SELECT count(*) AS n FROM dead_letters('book_messages')",
        '--format',
        'json',
      ),
    )
    expect(counted).toEqual({ n: truth.bad })
  })

  it('a second run writes nothing', async () => {
    const before = project.files('.millrace/lake/raw/books')
    const { code, stderr } = await project.run('run', BOOKS_SQL, '--once')
    expect(code).toBe(0)
    expect(stderr).toContain('nothing new')
    expect(project.files('.millrace/lake/raw/books')).toEqual(before)
  })

  it('status, batches, dead-letters, check and explain answer in JSON', async () => {
    const [status] = jsonLines(await project.ok('status', BOOKS_SQL, '--format', 'json'))
    expect(status).toMatchObject({ pipeline: 'raw_books', published: true, lag: 0, messages: COUNT, plan: 'same' })
    const batches = jsonLines(await project.ok('batches', BOOKS_SQL, '--format', 'json'))
    expect(batches.reduce((sum, batch) => sum + Number(batch['messages']), 0)).toBe(COUNT)
    const letters = jsonLines(await project.ok('dead-letters', BOOKS_SQL, 'book_messages', '--format', 'json'))
    expect(letters.length).toBeGreaterThan(0)
    expect(letters[0]).toMatchObject({ stream: 'book_messages', topic: 'book_data_topic' })
    expect(jsonLines(await project.ok('check', BOOKS_SQL, '--format', 'json'))).toHaveLength(1)
    const [plans] = jsonLines(await project.ok('explain', BOOKS_SQL, '--format', 'json'))
    expect(JSON.stringify(plans)).toContain('author/name')
  })

  it('explain says topics, paths, SQL, partitioning and limits to people', async () => {
    const text = await project.ok('explain', BOOKS_SQL)
    for (const part of ['book_data_topic', 'author/name', '/library/book', 'date', 'batch_bytes_max']) {
      expect(text).toContain(part)
    }
  })

  it('query reads tables by name and by path, in every format', async () => {
    const select = 'SELECT count(*) AS n FROM raw_books'
    const csv = (await project.ok('query', '-f', BOOKS_SQL, select, '--format', 'csv')).trim().split('\n')
    expect(csv[0]).toBe('n')
    expect(await project.ok('query', '-f', BOOKS_SQL, select, '--format', 'markdown')).toContain(`| ${csv[1]} |`)
    expect(await project.ok('query', '-f', BOOKS_SQL, select)).toContain('bigint')
    const byPath = await project.ok('query', `SELECT count(*) AS n FROM '${TABLE}/**/*.parquet'`, '--format', 'csv')
    expect(byPath.trim().split('\n')[1]).toBe(csv[1])
  })

  it.each(['', ' ; ', '/* nothing */ -- at all'])('query says that there is no SELECT in %j', async (select) => {
    const { code, stderr } = await project.run('query', '-f', BOOKS_SQL, select)
    expect(code).toBe(1)
    expect(stderr).toContain('ENG_CLI_USAGE: The SELECT is empty')
  })

  it('query only reads', async () => {
    const { code, stderr } = await project.run('query', '-f', BOOKS_SQL, "COPY (SELECT 1) TO 'out.csv'")
    expect(code).toBe(1)
    expect(stderr).toContain('ENG_CLI_USAGE')
    expect(project.files().some((file) => file.endsWith('out.csv'))).toBe(false)
  })

  it('verify is content, then names a file that was deleted, with exit 1', async () => {
    expect(await project.run('verify', BOOKS_SQL)).toMatchObject({ code: 0 })
    const [victim] = project.files(TABLE)
    rmSync(victim!)
    const { code, stdout, stderr } = await project.run('verify', BOOKS_SQL)
    expect(code).toBe(1)
    expect(stdout + stderr).toContain(victim!.slice(victim!.lastIndexOf('/') + 1))
  })
})

describe('run', () => {
  it('says at which version a run that failed stands', async () => {
    const project = new Project()
    try {
      const stream = `CREATE STREAM lines (a VARCHAR) FROM KAFKA (topic = 'lines', brokers = 'embedded:topics') FORMAT JSON;`
      const file = (select: string) =>
        project.write(
          'p.sql',
          `${stream}\nCREATE TABLE good LOCATION 'lake/good';\nINSERT INTO good ${select} FROM lines;`,
        )
      const send = (input: string) =>
        project.start(['produce', '-', '--topic', 'lines', '--brokers', 'embedded:topics'], { input }).ended
      await send('{"a": "1"}\n')
      await project.ok('run', file('SELECT a'), '--once')
      await send('{"a": "2"}\n')
      const { code, stderr } = await project.run('run', file('SELECT CAST(a AS INTEGER) AS a'), '--once')
      expect(code).toBe(1)
      expect(stderr).toContain('FAILED  good  nothing committed, stays at v1')
      expect(stderr).toContain('ENG_RUN_COLUMNS_CHANGED')
      expect(stderr).toContain('column a is VARCHAR, and the file makes it INTEGER')
    } finally {
      project.remove()
    }
  })

  it('reports every batch and a summary as JSON lines', async () => {
    const project = new Project()
    try {
      await project.ok(...PRODUCE, '--count', '200')
      const events = jsonLines(await project.ok('run', BOOKS_SQL, '--once', '--format', 'json'))
      expect(events.map(({ kind }) => kind)).toEqual(['started', 'batch', 'stopped', 'summary'])
      expect(events[1]).toMatchObject({ version: 1, messages: 200, lag: 0 })
    } finally {
      project.remove()
    }
  })

  it('drains at the first SIGINT: what was read is committed, and the exit is 0', async () => {
    const project = new Project()
    try {
      await project.ok(...PRODUCE, '--count', '300')
      const running = project.start(['run', BOOKS_SQL])
      await running.says(/v1 {2}raw_books/)
      running.child.kill('SIGINT')
      const { code, stderr } = await running.ended
      expect(code).toBe(0)
      expect(stderr).toContain('STOPPED')
      expect(await project.run('verify', BOOKS_SQL)).toMatchObject({ code: 0 })
      expect(project.files('.millrace/lake/raw/_millrace').filter((file) => file.includes('/work-'))).toEqual([])
    } finally {
      project.remove()
    }
  })

  it('goes on with what comes later, as long as it runs', async () => {
    const project = new Project()
    try {
      await project.ok(...PRODUCE, '--count', '100')
      const running = project.start(['run', BOOKS_SQL])
      await running.says(/v1 {2}raw_books/)
      await project.ok(...PRODUCE, '--count', '300')
      await running.says(/v2 {2}raw_books/)
      running.child.kill('SIGTERM')
      expect((await running.ended).code).toBe(0)
      await project.ok('run', BOOKS_SQL, '--once')
      const { rows } = await tableCounts(project.path(TABLE))
      expect(rows).toBe(booksTruth(300, SHAPE).ids.size)
    } finally {
      project.remove()
    }
  })

  it('says what it waits for, and gives up with exit 1 when it was told to', async () => {
    const project = new Project()
    try {
      const { code, stderr } = await project.run('run', BOOKS_SQL, '--give-up-after', '1s')
      expect(code).toBe(1)
      expect(stderr).toContain('does not exist yet')
      expect(stderr).toContain('ENG_RUN_GAVE_UP')
    } finally {
      project.remove()
    }
  })

  it('--once does not wait for a topic that does not exist: exit 1, and what is so', async () => {
    const project = new Project()
    try {
      const { code, stderr } = await project.run('run', BOOKS_SQL, '--once')
      expect(code).toBe(1)
      expect(stderr).toContain('ENG_KAFKA_TOPIC_UNKNOWN')
      expect(stderr).toContain('FAILED  raw_books  nothing committed')
    } finally {
      project.remove()
    }
  })

  it('keeps the state where --state says, and refuses the same table from another state', async () => {
    const project = new Project()
    try {
      await project.ok(...PRODUCE, '--count', '100')
      await project.ok('run', BOOKS_SQL, '--once', '--state', 'elsewhere')
      expect(project.files('elsewhere').length).toBeGreaterThan(0)
      const { code, stderr } = await project.run('run', BOOKS_SQL, '--once')
      expect(code).toBe(1)
      expect(stderr).toContain('ENG_PROTOCOL_OTHER_STATE')
      expect(await project.run('verify', BOOKS_SQL, '--state', 'elsewhere')).toMatchObject({ code: 0 })
    } finally {
      project.remove()
    }
  })

  it('shows the rows of a console sink on stdout, each once', async () => {
    const project = new Project()
    try {
      const file = project.write(
        'shown.sql',
        `CREATE STREAM lines (a INTEGER) FROM KAFKA (topic = 'lines', brokers = 'embedded:topics') FORMAT JSON;
CREATE SINK screen INTO CONSOLE;
INSERT INTO screen SELECT a * 10 AS tens FROM lines;`,
      )
      const input = '{"a": 1}\n{"a": 2}\n'
      const sent = await project.start(['produce', '-', '--topic', 'lines', '--brokers', 'embedded:topics'], { input })
        .ended
      expect(sent.code, sent.stderr).toBe(0)
      const shown = await project.ok('run', file, '--once', '--format', 'csv')
      expect(shown.trim().split('\n').sort()).toEqual(['10', '20', 'tens'])
      expect(await project.ok('run', file, '--once', '--format', 'csv')).toBe('')
    } finally {
      project.remove()
    }
  })

  it('a pipeline that fails ends the run of its file, and the other one is drained', async () => {
    const project = new Project()
    try {
      const file = project.write(
        'two.sql',
        `CREATE STREAM lines (a VARCHAR) FROM KAFKA (topic = 'lines', brokers = 'embedded:topics') FORMAT JSON;
CREATE STREAM more (b VARCHAR) FROM KAFKA (topic = 'more', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE good LOCATION 'lake/good';
CREATE TABLE failing LOCATION 'lake/failing';
INSERT INTO good SELECT a FROM lines;
INSERT INTO failing SELECT CAST(b AS INTEGER) AS b FROM more;`,
      )
      const send = (topic: string, input: string) =>
        project.start(['produce', '-', '--topic', topic, '--brokers', 'embedded:topics'], { input }).ended
      await send('lines', '{"a": "x"}\n')
      await send('more', '{"b": "no number"}\n')
      const { code, stderr } = await project.run('run', file)
      expect(code).toBe(1)
      expect(stderr).toContain('ENG_DUCKDB_QUERY')
      expect(stderr).toMatch(/FAILED {2}failing/)
      expect(project.files('lake/failing')).toEqual([])
    } finally {
      project.remove()
    }
  })

  it('prints the answers of SELECT, SHOW, DESCRIBE and EXPLAIN statements', async () => {
    const project = new Project()
    try {
      const file = project.write(
        'look.sql',
        `IMPORT '${BOOKS_SQL}';\nSHOW STREAMS;\nDESCRIBE book_messages;\nSELECT 42 AS answer;`,
      )
      const out = await project.ok('run', file)
      for (const part of ['book_messages', 'author/country', '42']) expect(out).toContain(part)
    } finally {
      project.remove()
    }
  })
})
