import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { Positions } from '../../../src/core/positions.ts'
import type { CommitDraft, LiveState, PipelineLog, PipelineLogOptions, Recovered } from '../../../src/protocol/types.ts'
import { type Context, createContext } from '../../../src/protocol/workflow/context.ts'
import { openLogOver } from '../../../src/protocol/workflow/log.ts'
import { RULES } from '../../../src/protocol/workflow/rules.ts'
import type { Mutant } from './mutants.ts'
import type { Process } from './scheduler.ts'
import { openSimulatedStore } from './store.ts'
import { BUCKET, HORIZON, isBad, keyOf, TOTAL, type World } from './world.ts'

export const STATE_ROOT = 'lake/_millrace/p' as StoragePath
export const TABLE_ROOT = 'lake/books' as StoragePath

/** What a simulated worker has in hand: the real log over its own view of the store. */
export interface Bench {
  readonly world: World
  readonly process: Process
  readonly store: StorageAdapter
  readonly context: Context
  readonly log: PipelineLog
  readonly mutant: Mutant
}

export const openBench = (world: World, process: Process, mutant: Mutant, heedsFence: boolean): Bench => {
  const store = openSimulatedStore(world, process, mutant.store)
  const options: PipelineLogOptions = {
    pipeline: 'p',
    state: store,
    stateRoot: STATE_ROOT,
    targets: new Map([['books', { store, root: TABLE_ROOT }]]),
    clock: {
      // Wall clocks lie: it jumps by up to a year, either way. Nothing may depend on it.
      now_ms: () => world.now_ms + (world.random() - 0.5) * 63_072_000_000,
      monotonic_ms: () => world.counters.steps,
      sleep: () => world.scheduler.ticket(process, 'sleep'),
    },
    random: {
      next: world.random,
      hex: (bytes) => Array.from({ length: bytes * 2 }, () => Math.floor(world.random() * 16).toString(16)).join(''),
    },
    logger: { log: () => undefined },
    concurrency: 2,
  }
  const fence = heedsFence ? {} : { decideFence: () => ({ kind: 'go on' }) as const }
  const context = createContext(options, { ...RULES, ...fence, ...mutant.rules })
  return { world, process, store, context, log: openLogOver(context), mutant }
}

/** Dedup state as the session keeps it: keys by time bucket. */
export type Keys = Map<number, Set<number>>

const bucketOf = (key: number): number => Math.floor(key / BUCKET) * BUCKET

export const offsetIn = (positions: Positions | undefined): number => Number(positions?.['t']?.['0'] ?? '0')

export const restoreKeys = async (bench: Bench, state: readonly LiveState[]): Promise<Keys> => {
  const keys: Keys = new Map()
  for (const live of state) {
    const path = `/restored/${bench.process.name}`
    await bench.log.downloadState(live, path)
    const bucket = live.file.bucket_start_ms
    const known = keys.get(bucket) ?? new Set()
    for (const key of bench.world.readLocal(path)) known.add(key)
    keys.set(bucket, known)
  }
  return keys
}

/** What the session does with [start, end): sets bad messages aside, drops repeats, moves its state on at once. */
export const runBatch = (bench: Bench, keys: Keys, start: number, end: number, snapshot: boolean): CommitDraft => {
  const { world } = bench
  const rows: number[] = []
  const dead: number[] = []
  const added: Keys = new Map()
  for (let offset = start; offset < end; offset++) {
    const key = keyOf(offset)
    const bucket = bucketOf(key)
    if (isBad(offset)) dead.push(offset)
    else if (!keys.get(bucket)?.has(key)) {
      rows.push(key)
      keys.set(bucket, (keys.get(bucket) ?? new Set()).add(key))
      added.set(bucket, (added.get(bucket) ?? new Set()).add(key))
    }
  }
  const dropped = [...keys.keys()].filter((bucket) => bucket + BUCKET + HORIZON < end && !added.has(bucket))
  for (const bucket of dropped) keys.delete(bucket)
  const stateFile = (kind: 'delta' | 'snapshot') => {
    return ([bucket, known]: [number, Set<number>]) => ({
      ...world.writeLocal([...known]),
      stream: 's',
      bucket_start_ms: bucket,
      bucket_end_ms: bucket + BUCKET,
      kind,
    })
  }
  const half = Math.ceil(rows.length / 2)
  const state = [...[...added].map(stateFile('delta')), ...(snapshot ? [...keys].map(stateFile('snapshot')) : [])]
  return {
    start: start === 0 ? {} : { t: { 0: String(start) } },
    end: { t: { 0: String(end) } },
    topicIds: { t: 'id' },
    fingerprint: 'f',
    counts: {},
    tables: [rows.slice(0, half), rows.slice(half)]
      .filter((part) => part.length > 0)
      .map((part) => ({ ...world.writeLocal(part), of: 'books', partition: 'd=1' })),
    deadLetters: dead.length === 0 ? [] : [world.writeLocal(dead)],
    state: bench.mutant.forgetsState ? [] : state,
    stateSnapshot: snapshot,
    droppedBuckets: dropped.map((bucket) => `s:${bucket}`),
    recordTimes_ms: { s: { 0: end } },
    batchTime: '2026-01-01T00:00:00Z',
  }
}

/** Waits for messages; undefined when the topic is read to its end for good. */
export const nextRange = async (bench: Bench, at: number): Promise<number | undefined> => {
  const { world } = bench
  while (world.high <= at) {
    if (at >= TOTAL) return undefined
    await world.scheduler.ticket(bench.process, 'idle')
  }
  return Math.min(world.high, at + 1 + Math.floor(world.random() * 3))
}

type Ended = 'finished' | 'lost' | 'fenced'

/** Batches in order, one after the other, from what was recovered. */
const runSerially = async (bench: Bench, recovered: Recovered): Promise<Ended> => {
  const keys = await restoreKeys(bench, recovered.state)
  let at = offsetIn(recovered.head?.end)
  for (;;) {
    const end = await nextRange(bench, at)
    if (end === undefined) return 'finished'
    const outcome = await bench.log.commit(runBatch(bench, keys, at, end, bench.world.random() < 0.3))
    if (outcome.kind !== 'won') return outcome.kind
    at = end
  }
}

/** The next batch is executed and staged while the one before it is still being published. */
const runOverlapped = async (bench: Bench, recovered: Recovered): Promise<Ended> => {
  const { log, world } = bench
  const keys = await restoreKeys(bench, recovered.state)
  let at = offsetIn(recovered.head?.end)
  let publishing = Promise.resolve()
  for (;;) {
    const end = await nextRange(bench, at)
    if (end === undefined) {
      await publishing
      return 'finished'
    }
    const staged = await log.stage(runBatch(bench, keys, at, end, world.random() < 0.3))
    await publishing
    if (staged.kind === 'fenced') return 'fenced'
    const decided = await log.decide(staged.batch)
    if (decided.kind === 'lost') return 'lost'
    publishing = log.publish(decided.record)
    publishing.catch(() => undefined)
    at = end
  }
}

/** A worker as the runtime drives it: claim, recover, batches; after a lost decision it starts over from what won. */
export const runWorker = async (bench: Bench): Promise<void> => {
  const { log, world } = bench
  await log.claim()
  const overlaps = world.random() < 0.5
  for (;;) {
    const recovered = await log.recover()
    const ended = await (bench.mutant.batches ?? (overlaps ? runOverlapped : runSerially))(bench, recovered)
    if (ended === 'finished') return
    if (ended === 'fenced') {
      world.counters.fenced++
      return
    }
    world.counters.lost++
  }
}

export const runVacuum = async (bench: Bench): Promise<void> => {
  for (;;) {
    await bench.world.scheduler.ticket(bench.process, 'vacuum waits')
    await bench.log.vacuum()
    if (!bench.world.faults) return
  }
}
