import { pathToFileURL } from 'node:url'
import { LIMITS } from '../src/core/limits.ts'
import { renderDiagnostic } from '../src/core/render-diagnostic.ts'
import { parseFile } from '../src/sql/parse-file.ts'
import { printFile } from '../src/sql/print/print-statement.ts'
import { SeededRandom } from '@millrace/testkit/generators/random.ts'
import { SQL_CORPUS, SQL_FRAGMENTS } from './sql-corpus.ts'
import { randomStatement } from './sql-grammar.ts'

export interface SqlFuzzResult {
  readonly cases: number
  /** Cases without a mistake: they went through print and parse again as well. */
  readonly accepted: number
  readonly slowest_ms: number
}

const CASE_MS_MAX = 100
/** A case past this is timed again, since a machine that is busy is no fault of the parser; its best time counts. */
const CASE_MS_RETIMED = 10

const variables: Readonly<Record<string, string>> = { A: "x'; DROP", TABLE: 't', LAKE: '/lake', TOKEN: 'canary' }
const options = { file: 'fuzz.sql', lookup: (name: string) => variables[name], names: Object.keys(variables) }

/**
 * Parses `count` texts, half of them made by a grammar and half by mutating a corpus. Throws at the first that makes
 * the parser throw, takes longer than 100 ms, points outside the text, shows a secret, or does not survive print and parse.
 */
export const fuzzSql = (count: number, seed: number): SqlFuzzResult => {
  let accepted = 0
  let slowest_ms = 0
  for (let index = 0; index < count; index++) {
    const text = makeCase(new SeededRandom(seed * 1_000_003 + index), index)
    try {
      const took_ms = timeCase(text)
      slowest_ms = Math.max(slowest_ms, took_ms)
      if (took_ms > CASE_MS_MAX) throw new Error(`took ${took_ms.toFixed(0)} ms`)
      if (checkCase(text)) accepted += 1
    } catch (cause) {
      const rerun = `npm run fuzz -- sql --seed ${seed} --count ${index + 1}`
      throw new Error(`case ${index} of seed ${seed} (${rerun}): ${JSON.stringify(text)}`, { cause })
    }
  }
  return { cases: count, accepted, slowest_ms }
}

const timeCase = (text: string): number => {
  let best_ms = Number.POSITIVE_INFINITY
  for (let run = 0; run < 5 && best_ms > CASE_MS_RETIMED; run++) {
    const start = performance.now()
    parseFile(text, options)
    best_ms = Math.min(best_ms, performance.now() - start)
  }
  return best_ms
}

/** True for a text without mistakes. */
const checkCase = (text: string): boolean => {
  const { file, diagnostics } = parseFile(text, options)
  if (diagnostics.length > LIMITS.diagnostics_max) throw new Error('too many diagnostics')
  let last = 0
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span!
    if (start < last || end < start || end > text.length) throw new Error(`bad span ${start}…${end}`)
    last = start
    if (renderDiagnostic(diagnostic, text, { color: false }).includes('canary')) throw new Error('shows a secret')
  }
  const printed = printFile(file)
  if (printed.includes('canary')) throw new Error('prints a secret')
  const again = parseFile(printed, options)
  const [before, after] = [withoutSpans(file.statements), withoutSpans(again.file.statements)]
  if (again.diagnostics.length > 0 || before !== after) {
    throw new Error(`does not read back: ${printed}\n${before}\n${after}\n${JSON.stringify(again.diagnostics[0])}`)
  }
  return diagnostics.length === 0
}

const withoutSpans = (value: unknown): string =>
  JSON.stringify(value, (key, part: unknown) => (key === 'span' || key === 'fills' ? undefined : part))

const makeCase = (random: SeededRandom, index: number): string => {
  const base = index % 2 === 0 ? `${randomStatement(random)};\n${randomStatement(random)}` : random.pick(SQL_CORPUS)
  let text = base
  for (let edits = index % 4 < 2 ? random.below(2) : random.below(6); edits > 0; edits--) text = mutate(text, random)
  return text
}

const mutate = (text: string, random: SeededRandom): string => {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + random.below(12))
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, at) + random.pick(SQL_FRAGMENTS) + text.slice(at)
    case 2:
      return `${text.slice(0, at)} ${random.pick(SQL_FRAGMENTS)} ${text.slice(to)}`
    case 3:
      return text.slice(0, at) + String.fromCharCode(random.below(random.pick([128, 256, 65_536]))) + text.slice(to)
    case 4:
      return text.slice(0, at)
    default:
      return text.slice(0, to) + text.slice(at)
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const argument = (name: string, otherwise: number): number => {
    const at = process.argv.indexOf(name)
    return at < 0 ? otherwise : Number(process.argv[at + 1])
  }
  const seed = argument('--seed', Math.floor(Math.random() * 1_000_000))
  const count = argument('--count', 50_000)
  console.log(`sql: ${count} cases of seed ${seed}`)
  const { accepted, slowest_ms } = fuzzSql(count, seed)
  console.log(`sql: ${count} cases held, ${accepted} of them without mistakes, slowest ${slowest_ms.toFixed(1)} ms`)
}
