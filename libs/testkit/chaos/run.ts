import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runUnderKills } from '../src/chaos/kill-run.ts'
import { startKafka } from '../src/kafka/index.ts'
import { isClean } from '../src/oracle/index.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    rate: { type: 'string', default: '5000' },
  },
})
const root = fileURLToPath(new URL('../../..', import.meta.url))
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
console.log(`chaos: npm run chaos -- --kills ${values.kills} --seed ${seed} --rate ${values.rate}`)
const kafka = await startKafka()
try {
  const result = await runUnderKills({
    cli: join(root, 'apps/cli/bin/millrace.js'),
    sql: join(root, 'sql/books_raw.sql'),
    bootstrap: kafka.bootstrap,
    kills: Number(values.kills),
    seed,
    messages_per_s: Number(values.rate),
    log: (line) => console.log(line),
  })
  console.log(JSON.stringify(result, null, 2))
  const letters = result.deadLetters
  const ok =
    isClean(result.table) && result.seen.length === 0 && result.verifyStatus === 0 && letters.found === letters.expected
  console.log(ok ? 'chaos: exactly once' : 'chaos: VIOLATION')
  process.exitCode = ok ? 0 : 1
} finally {
  await kafka.stop()
}
