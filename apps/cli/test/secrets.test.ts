import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOOKS_SQL, type Ended, Project, readText } from './support.ts'

const CANARY = "Tr0ub4dor'&%canary"
const ENCODED = [
  CANARY,
  CANARY.replaceAll("'", "''"),
  encodeURIComponent(CANARY),
  Buffer.from(CANARY).toString('base64'),
  Buffer.from(CANARY).toString('hex'),
]

/** The compiler refuses a secret where a plan would keep it: the canary must not show in that refusal either. */
const REFUSED = `IMPORT '${BOOKS_SQL}';
CREATE TABLE quiet LOCATION '.millrace/lake/raw/quiet';
INSERT INTO quiet SELECT record_id, title FROM book_messages WHERE title <> '\${VAULT_PASSWORD}' AND title <> '\${QUIET_WORD}';
`

const project = new Project({ VAULT_PASSWORD: CANARY, QUIET_WORD: CANARY })
let refused: string
beforeAll(async () => {
  refused = project.write('refused.sql', REFUSED)
  project.write('millrace.json', JSON.stringify({ file: BOOKS_SQL, secrets: ['QUIET_WORD'] }))
  await project.ok('produce', 'books', '--topic', 'book_data_topic', '--count', '50', '--set', `API_TOKEN=${CANARY}`)
})
afterAll(() => project.remove())

const expectSilent = ({ stdout, stderr }: Ended, what: string): void => {
  for (const hit of ENCODED) expect(stdout + stderr, what).not.toContain(hit)
}

describe('a secret', () => {
  it('from --set and the environment shows in no output of any command', { timeout: 180_000 }, async () => {
    const commands: string[][] = [
      ['check'],
      ...['ast', 'plan', 'sql', 'consumption'].map((stage) => ['explain', '--stage', stage]),
      ['explain', '--format', 'json'],
      ['run', '--once', '--profile'],
      ['run', '--once', '--format', 'json'],
      ['status'],
      ['batches', '--format', 'json'],
      ['dead-letters'],
      ['query', 'SELECT count(*) FROM raw_books'],
      // Whatever brings a secret into an answer, it is masked there.
      ['query', `SELECT '${CANARY.replaceAll("'", "''")}' AS leak`],
      ['verify', '--format', 'json'],
      ['vacuum'],
      ['doctor'],
    ]
    for (const command of commands) {
      const ended = await project.run(...command, '--set', `API_TOKEN=${CANARY}`)
      expect(ended.code, `${command.join(' ')}: ${ended.stderr}`).toBe(0)
      expectSilent(ended, command.join(' '))
    }
  })

  it('is in no file that a run leaves: commits, state, data, dead letters', () => {
    const files = project.files('.millrace')
    expect(files.some((path) => path.includes('/commits/'))).toBe(true)
    for (const path of files) for (const hit of ENCODED) expect(readText(path).includes(hit), path).toBe(false)
  })

  it('shows in no error: broken SQL, an address, a --set without a name', { timeout: 180_000 }, async () => {
    const broken = project.write(
      'broken.sql',
      `SELECT '\${VAULT_PASSWORD}' FROM WHERE; CREATE STREM '\${VAULT_PASSWORD}';`,
    )
    const failing = [
      ['check', broken],
      ['check', refused],
      ['run', refused, '--once'],
      ['explain', refused],
      ['run', BOOKS_SQL, '--once', '--give-up-after', '1s', '--set', 'KAFKA=user:hunter22xyz@127.0.0.1:1'],
      ['explain', BOOKS_SQL, '--set', 'KAFKA=user:hunter22xyz@127.0.0.1:1'],
      ['produce', 'books', '--topic', 't', '--count', '1', '--brokers', 'user:hunter22xyz@127.0.0.1:1'],
      ['run', BOOKS_SQL, '--set', CANARY],
      ['run', BOOKS_SQL, '--set', `LAKE=s3://key:hunter22xyz@bucket/x`],
      ['query', `SELECT ${'$'}{nothing} '${CANARY}`],
    ]
    for (const command of failing) {
      const ended = await project.run(...command)
      expectSilent(ended, command.join(' '))
      expect(ended.stdout + ended.stderr, command.join(' ')).not.toContain('hunter22xyz')
    }
  })
})
