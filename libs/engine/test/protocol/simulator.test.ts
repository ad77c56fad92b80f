import { describe, expect, it } from 'vitest'
import { MUTANTS } from './simulator/mutants.ts'
import { rerunLine, simulate, simulateMany } from './simulator/run.ts'

const first = Number(process.env['SEED'] ?? 1)
const seeds = Number(process.env['SEEDS'] ?? 2_000)

describe('the commit protocol under simulated crashes, pauses, lost and late answers', () => {
  it(`keeps every row exactly once over ${seeds} seeds from ${first}`, async () => {
    const { violations, counters } = await simulateMany(first, seeds)
    for (const { seed, violation } of violations) console.error(`seed ${seed}: ${violation}\n  ${rerunLine(seed)}`)
    expect(violations).toEqual([])
    // A campaign in which nothing went wrong would prove nothing.
    expect(counters.crashes).toBeGreaterThan(seeds)
    expect(counters.pauses).toBeGreaterThan(seeds)
    expect(counters.ambiguous).toBeGreaterThan(seeds)
    expect(counters.late).toBeGreaterThan(seeds)
    expect(counters.lost).toBeGreaterThan(seeds)
    expect(counters.fenced).toBeGreaterThan(seeds / 4)
    expect(counters.vacuumed).toBeGreaterThan(seeds)
  }, 600_000)

  it('repeats itself under the same seed, step by step', async () => {
    const trace = async (): Promise<string> => {
      const lines: string[] = []
      await simulate(first, undefined, (line) => lines.push(line))
      return lines.join('\n')
    }
    expect(await trace()).toBe(await trace())
  })
})

describe('the simulator’s oracle', () => {
  it.each(MUTANTS)('catches $name within 500 seeds', async (mutant) => {
    const { violations } = await simulateMany(first, 500, mutant, true)
    expect(violations.map(({ violation }) => violation)).toHaveLength(1)
  })
})
