import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { BIN, BOOKS_SQL, Project } from './support.ts'

const project = new Project()
afterAll(() => project.remove())

const fails = async (args: readonly string[], ...parts: readonly (string | RegExp)[]): Promise<void> => {
  const { code, stdout, stderr } = await project.run(...args)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  for (const part of parts) expect(stderr).toMatch(part)
}

describe('the command line', () => {
  it('answers --version at once', () => {
    const began = performance.now()
    expect(execFileSync(process.execPath, [BIN, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
    // Generous for a machine that runs other tests meanwhile; alone it takes some 50 ms.
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('refuses an unknown command, with the one that was meant', () => fails(['verfy'], /unknown command/, /verify/))
  it('refuses an unknown option, with the one that was meant', () => fails(['run', '--onc'], /--onc/, /--once/))
  it('refuses a bad duration', () => fails(['run', BOOKS_SQL, '--give-up-after', 'soon'], /ENG_CLI_USAGE/, /soon/))
  it('says what is not built yet', async () => {
    await fails(['run', BOOKS_SQL, '--ui'], /ENG_CLI_NOT_AVAILABLE/, /not available yet/)
    await fails(['run', BOOKS_SQL, '--target', 'spark'], /ENG_CLI_NOT_AVAILABLE/, /spark/)
  })
  it('says that there is no file', () => fails(['run', 'nothing.sql'], /ENG_CLI_FILE/, /nothing\.sql/))
  it('says that there is no pipeline of a name', () =>
    fails(['status', BOOKS_SQL, 'raw_book'], /ENG_CLI_NOTHING_FOUND/, /raw_books/))
  it('refuses a generator that it does not know', () => fails(['produce', 'book', '--topic', 't'], /books/))
  it('refuses a location that has no adapter', () =>
    fails(['run', BOOKS_SQL, '--once', '--set', 'LAKE=gs://bucket/x'], /gs:/))

  it('shows every mistake of a file with its line and a caret, and writes nothing', async () => {
    const file = project.write(
      'bad.sql',
      `CREATE STREM a (x INTEGER) FROM KAFKA (topic = 't', brokers = 'embedded:x') FORMAT JSON;
CREATE STREAM b (x INTEGER) FROM KAFKA (topik = 't', brokers = 'embedded:x') FORMAT JSON;
INSERT INTO nowhere SELECT * FROM b;`,
    )
    const before = project.files()
    const { code, stderr } = await project.run('run', file, '--once')
    expect(code).toBe(1)
    expect(stderr).toMatch(/bad\.sql:1:/)
    expect(stderr).toMatch(/bad\.sql:2:/)
    expect(stderr).toContain('topic')
    expect(stderr).toContain('^')
    expect(project.files()).toEqual(before)
    expect((await project.run('check', file)).code).toBe(1)
  })

  it('says that there are more mistakes than it shows', async () => {
    const columns = (count: number) => project.write('many.sql', 'CREAT a;\n'.repeat(count))
    expect((await project.run('check', columns(21))).stderr).toContain('20 errors shown, there are more')
    expect((await project.run('check', columns(20))).stderr).toMatch(/20 errors\n/)
  })

  it('doctor looks at the machine', async () => {
    const out = await project.ok('doctor', '--format', 'json')
    expect(out).toContain('"check":"duckdb","ok":true')
  })

  it('produce - sends the lines of stdin', async () => {
    const own = new Project()
    try {
      const input = '{"a": 1}\n{"a": 2}\n'
      const { code, stdout } = await own.start(['produce', '-', '--topic', 'lines', '--format', 'json'], { input })
        .ended
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ topic: 'lines', messages: 2 })
    } finally {
      own.remove()
    }
  })
})
