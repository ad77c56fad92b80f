import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runUnderKills } from '@millrace/testkit/chaos/kill-run.ts'
import { checkKafka, type KafkaService, startKafka } from '@millrace/testkit/kafka/index.ts'
import { isClean } from '@millrace/testkit/oracle/index.ts'
import { requireOrSkip } from '@millrace/testkit/require-or-skip.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const seed = Number(process.env['SEED'] ?? Date.now() % 1e9)

describe.skipIf(!(await requireOrSkip('Kafka', checkKafka)))('under kill -9', () => {
  let kafka: KafkaService
  beforeAll(async () => {
    kafka = await startKafka()
  })
  afterAll(() => kafka?.stop())

  it(`loses nothing and doubles nothing in 30 random kills (SEED=${seed} npm test -- kill.service)`, async () => {
    const result = await runUnderKills({
      cli: join(root, 'apps/cli/bin/millrace.js'),
      sql: join(root, 'sql/books_raw.sql'),
      bootstrap: kafka.bootstrap,
      kills: 30,
      seed,
      messages_per_s: 4_000,
      log: (line) => console.log(line),
    })
    console.log(`${result.messages} messages, ${result.rows} rows, ${result.looks} looks at the table meanwhile`)
    expect(result.seen).toEqual([])
    expect(result.table).toSatisfy(isClean)
    expect(result.verifyStatus).toBe(0)
    expect(result.deadLetters.found).toBe(result.deadLetters.expected)
    expect(result.rows).toBeGreaterThan(10_000)
  }, 300_000)
})
