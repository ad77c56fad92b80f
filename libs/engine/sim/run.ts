import { parseArgs } from 'node:util'
import { MUTANTS, REAL } from '../test/protocol/simulator/mutants.ts'
import { rerunLine, simulate, simulateMany } from '../test/protocol/simulator/run.ts'

/**
 * npm run sim -- [--seeds N] [--seed S] [--mutant NAME|all] [--trace]: the real commit protocol on a simulated store,
 * under crashes, pauses, lost and late answers. Exit status 1 when the protocol fails, or a mutant is not caught.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      mutant: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  })
  const [first, seeds] = [Number(values.seed), Number(values.seeds)]
  const named = [REAL, ...MUTANTS].filter(({ name }) => name === (values.mutant ?? 'real'))
  const chosen = values.mutant === 'all' ? MUTANTS : named
  if (chosen.length === 0) {
    console.error(`There is no mutant ${values.mutant}: all, ${MUTANTS.map(({ name }) => name).join(', ')}`)
    return 1
  }
  let bad = 0
  for (const mutant of chosen) {
    const started_ms = performance.now()
    if (values.trace) await simulate(first, mutant, console.log)
    const { violations, counters } = await simulateMany(first, seeds, mutant)
    const seconds = ((performance.now() - started_ms) / 1000).toFixed(1)
    console.log(
      `${mutant.name}: ${seeds} seeds, ${violations.length} violations, ${seconds} s, ${JSON.stringify(counters)}`,
    )
    const [worst] = violations
    if (worst !== undefined) console.log(`  seed ${worst.seed}: ${worst.violation}\n  ${rerunLine(worst.seed, mutant)}`)
    if (violations.length > 0 === (mutant === REAL)) bad++
  }
  return bad === 0 ? 0 : 1
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2))
