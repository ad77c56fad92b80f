import { MillraceError } from '../../../src/core/errors/index.ts'
import { type Mutant, REAL } from './mutants.ts'
import { checkEnd, checkStep } from './oracle.ts'
import type { Process } from './scheduler.ts'
import { type Counters, newCounters, TOTAL, World } from './world.ts'
import { openBench, runVacuum, runWorker } from './worker.ts'

/** Until this step everything may fail; then the weather clears and the work must come to an end. */
const FAULTY_STEPS = 350
const STEPS_MAX = 30_000

export interface SimulationResult {
  readonly seed: number
  readonly violation: string | undefined
  readonly counters: Counters
}

const describe = (error: unknown): string =>
  error instanceof MillraceError ? `${error.code}: ${error.message}` : String((error as Error)?.stack ?? error)

class Simulation {
  readonly #world: World
  readonly #mutant: Mutant
  readonly #heedsFence: boolean
  #vacuum: Process
  #workers = 0

  constructor(seed: number, mutant: Mutant, trace?: (line: string) => void) {
    this.#world = new World(seed, trace)
    this.#mutant = mutant
    this.#heedsFence = this.#world.random() < 0.5
    this.#vacuum = this.#spawnVacuum()
  }

  async run(): Promise<{ violation: string | undefined; counters: Counters }> {
    const world = this.#world
    this.#spawnWorker()
    await world.scheduler.quiet()
    let checked = 0
    while (world.violation === undefined) {
      if (++world.counters.steps > STEPS_MAX) world.violate('no end in sight: livelock')
      if (world.counters.steps === FAULTY_STEPS) this.#clear()
      await this.#step()
      if (world.changes !== checked) {
        checked = world.changes
        checkStep(world, this.#mutant.worker === undefined)
      }
      const busy = world.scheduler.processes.some((process) => !process.dead && !process.done)
      if (!world.faults && world.delayed.length === 0 && !busy) {
        await this.#end()
        break
      }
    }
    for (const process of world.scheduler.processes) process.dead = true
    return { violation: world.violation?.message, counters: world.counters }
  }

  #clear(): void {
    const world = this.#world
    world.faults = false
    world.high = TOTAL
    for (const process of world.scheduler.processes) process.pausedFor = 0
    this.#spawnWorker()
  }

  #fail(process: string, error: unknown): void {
    this.#world.violate(`${process} failed: ${describe(error)}`)
  }

  #spawnWorker(): void {
    const name = `w${++this.#workers}`
    const { worker } = this.#mutant
    this.#world.note(`${name} starts`)
    this.#world.scheduler.spawn(
      name,
      (process) => {
        const bench = openBench(this.#world, process, this.#mutant, this.#heedsFence)
        return worker === undefined ? runWorker(bench) : worker(bench)
      },
      (error) => this.#fail(name, error),
    )
  }

  #spawnVacuum(): Process {
    return this.#world.scheduler.spawn(
      'vacuum',
      (process) => runVacuum(openBench(this.#world, process, this.#mutant, true)),
      (error) => this.#fail('vacuum', error),
    )
  }

  async #step(): Promise<void> {
    const world = this.#world
    const { random, scheduler } = world
    if (world.faults) {
      if (random() < 0.04) world.high = Math.min(TOTAL, world.high + 1)
      if (random() < 0.012) this.#spawnWorker()
    }
    if (world.delayed.length > 0 && random() < (world.faults ? 0.03 : 0.5)) {
      await world.delayed.splice(Math.floor(random() * world.delayed.length), 1)[0]?.()
      return
    }
    const ready = scheduler.processes.filter(
      (process) => !process.dead && process.waiting.length > 0 && process.pausedFor-- <= 0,
    )
    const workers = ready.filter((process) => process !== this.#vacuum)
    const vacuums = ready.includes(this.#vacuum) && (workers.length === 0 || random() < 0.15)
    const process = vacuums ? this.#vacuum : workers[Math.floor(random() * workers.length)]
    if (process === undefined) {
      if (world.faults && random() < 0.1) this.#spawnWorker()
      return scheduler.quiet()
    }
    if (world.faults && process !== this.#vacuum && this.#strike(process)) return
    const operation = await scheduler.grant(process, Math.floor(random() * process.waiting.length))
    world.note(`${process.name} ${operation}`)
  }

  /** Crash or pause, now and then. True: the process does not move in this step. */
  #strike(process: Process): boolean {
    const world = this.#world
    const chance = world.random()
    if (chance < 0.01) {
      process.dead = true
      world.counters.crashes++
      world.note(`${process.name} CRASHES`)
      return true
    }
    if (chance < 0.02) {
      process.pausedFor = 5 + Math.floor(world.random() * 200)
      world.counters.pauses++
      world.note(`${process.name} PAUSES`)
      return true
    }
    return false
  }

  /** All is quiet: the oracle's last look, and the project's own verify must agree with it. */
  async #end(): Promise<void> {
    const world = this.#world
    const logged = this.#mutant.worker === undefined
    world.counters.commits += [...world.store.objects.keys()].filter((path) => path.includes('/commits/')).length
    checkEnd(world, logged)
    if (!logged || world.violation !== undefined) return
    world.scheduler.free = true
    const bench = openBench(world, { name: 'end', waiting: [], dead: false, done: false, pausedFor: 0 }, REAL, true)
    await bench.log.vacuum()
    const report = await bench.log.verify()
    if (!report.ok) world.violate(`verify: ${report.problems[0]?.message}`)
    if (report.staged.orphans > 0) world.violate('vacuum left orphans behind')
  }
}

/** One run of the whole system under one seed: the same seed gives the same run, step by step. */
export const simulate = async (
  seed: number,
  mutant: Mutant = REAL,
  trace?: (line: string) => void,
): Promise<SimulationResult> => ({ seed, ...(await new Simulation(seed, mutant, trace).run()) })

export interface Campaign {
  readonly seeds: number
  readonly violations: readonly SimulationResult[]
  readonly counters: Counters
}

/** Seeds first … first + seeds − 1; stops at the first violation when told so. */
export const simulateMany = async (
  first: number,
  seeds: number,
  mutant: Mutant = REAL,
  stopAtFirst = false,
): Promise<Campaign> => {
  const counters = newCounters()
  const violations: SimulationResult[] = []
  let done = 0
  for (let seed = first; seed < first + seeds; seed++) {
    const result = await simulate(seed, mutant)
    done++
    for (const key of Object.keys(counters) as (keyof Counters)[]) counters[key] += result.counters[key]
    if (result.violation !== undefined) violations.push(result)
    if (stopAtFirst && violations.length > 0) break
  }
  return { seeds: done, violations, counters }
}

export const rerunLine = (seed: number, mutant: Mutant = REAL): string =>
  `npm run sim -- --seed ${seed} --seeds 1 --trace${mutant === REAL ? '' : ` --mutant ${mutant.name}`}`
