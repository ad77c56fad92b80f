import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzSql } from '../../fuzz/sql-fuzz.ts'
import type { StatementNode } from '../../src/sql/ast.ts'
import { parseFile } from '../../src/sql/parse-file.ts'
import { printFile, printStatement } from '../../src/sql/print/print-statement.ts'
import { statement } from './arbitrary-statements.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const rerun = `SEED=${seed} npx vitest run --project engine print-statement`

const withoutSpans = (node: StatementNode): unknown =>
  JSON.parse(JSON.stringify(node, (key, part: unknown) => (key === 'span' || key === 'fills' ? undefined : part)))

describe('printStatement', () => {
  it('gives a text that parses to the same statement, for any statement', () => {
    const property = fc.property(statement, (node) => {
      const printed = printStatement(node)
      const { file, diagnostics } = parseFile(`${printed};\nSHOW JOBS`, { file: 'x.sql' })
      expect(diagnostics, printed).toEqual([])
      expect(file.statements.length, printed).toBe(2)
      expect(withoutSpans(file.statements[0]!), printed).toEqual(withoutSpans(node))
      expect(printStatement(file.statements[0]!)).toBe(printed)
    })
    console.log(`seed ${seed}; again: ${rerun}`)
    fc.assert(property, { seed, numRuns: 1_500 })
  }, 60_000)

  it('writes each statement in its canonical form', () => {
    const text = `create stream S(a int path 'x' not null, check(a>1)) from kafka(topic='t',brokers='b') format json
      deduplicate by a within interval 120 minutes;
      insert into T select * from S partition by (a) every interval 60 seconds`
    const { file } = parseFile(text, { file: 'x.sql' })
    expect(printFile(file)).toBe(`CREATE STREAM S (
  a int NOT NULL PATH 'x',
  CONSTRAINT check_1 CHECK (a>1)
)
FROM KAFKA (topic = 't', brokers = 'b')
FORMAT JSON
ON ERROR DEAD LETTER
DEDUPLICATE BY (a) WITHIN INTERVAL '2 hours';

INSERT INTO T
select * from S
PARTITION BY a
EVERY INTERVAL '1 minute';
`)
  })
})

describe('the parser under fuzzing', () => {
  it('never throws, never takes 100 ms, never shows a secret, and reads back what it prints', () => {
    console.log(`seed ${seed}; again: ${rerun}`)
    const { cases, accepted } = fuzzSql(5_000, seed)
    expect(cases).toBe(5_000)
    expect(accepted).toBeGreaterThan(500)
  }, 120_000)
})
