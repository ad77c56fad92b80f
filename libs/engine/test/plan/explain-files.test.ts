import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type ExplainStage, explain } from '../../src/plan/explain.ts'
import { compileText } from './compile-file.ts'

const tests = join(dirname(fileURLToPath(import.meta.url)), '../../../../sql/tests')
const folder = join(tests, 'plan')

/** UPDATE=1 writes the .plan files anew; the diff is then to be read. */
const update = process.env['UPDATE'] === '1'

const STAGES: readonly ExplainStage[] = ['plan', 'sql', 'consumption']

describe('every file of sql/tests/plan', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.sql'))) {
    it(`${name} is explained as its .plan says`, async () => {
      const { program, diagnostics } = await compileText(readFileSync(join(folder, name), 'utf8'), name, tests)
      expect(diagnostics).toEqual([])
      const texts = STAGES.map((stage) => `== ${stage.toUpperCase()}\n${explain(program!, stage).text}\n`)
      const text = texts
        .join('\n')
        .replaceAll(tests, '<here>')
        .replace(/(fingerprint +)[0-9a-f]{64}/g, '$1<sha256>')
      const golden = join(folder, name.replace(/\.sql$/, '.plan'))
      if (update || !existsSync(golden)) writeFileSync(golden, text)
      expect(text).toBe(readFileSync(golden, 'utf8'))
    })
  }
})
