import type { StoragePath } from '@millrace/storage'
import type { Link } from '../../../src/protocol/decide/chain.ts'
import type { Recovered } from '../../../src/protocol/types.ts'
import { mustReadLink } from '../../../src/protocol/workflow/commits.ts'
import { decideCommit } from '../../../src/protocol/workflow/decide.ts'
import { markPublished, publishCommit, publishFiles } from '../../../src/protocol/workflow/publish.ts'
import type { Rules } from '../../../src/protocol/workflow/rules.ts'
import { stageBatch } from '../../../src/protocol/workflow/stage.ts'
import { readInstance } from '../../../src/protocol/workflow/state.ts'
import type { StoreFaults } from './store.ts'
import { type Bench, nextRange, offsetIn, restoreKeys, runBatch } from './worker.ts'
import { isBad, keyOf } from './world.ts'

export interface Mutant {
  readonly name: string
  readonly rules?: Partial<Rules>
  readonly store?: StoreFaults
  readonly forgetsState?: boolean
  /** In the place of the worker's loop over batches. */
  readonly batches?: (bench: Bench, recovered: Recovered) => Promise<'finished' | 'lost' | 'fenced'>
  /** In the place of the whole worker; it keeps no commit log. */
  readonly worker?: (bench: Bench) => Promise<void>
}

/** The protocol as it is. */
export const REAL: Mutant = { name: 'real' }

type Step = (bench: Bench, batch: Link, decide: () => Promise<boolean>) => Promise<boolean>

/** Batches with the order of deciding and publishing in the mutant's hands. */
const inOrder =
  (step: Step): NonNullable<Mutant['batches']> =>
  async (bench, recovered) => {
    const keys = await restoreKeys(bench, recovered.state)
    let at = offsetIn(recovered.head?.end)
    let parent = recovered.head && (await mustReadLink(bench.context, recovered.head.version))
    for (;;) {
      const end = await nextRange(bench, at)
      if (end === undefined) return 'finished'
      const instance = await readInstance(bench.context)
      if (instance === undefined) throw new Error('claimed before')
      const draft = runBatch(bench, keys, at, end, false)
      const batch = await stageBatch(bench.context, { instance, epoch: recovered.epoch }, parent, draft)
      const decide = async (): Promise<boolean> => (await decideCommit(bench.context, batch)).kind === 'won'
      if (!(await step(bench, batch, decide))) return 'lost'
      parent = batch
      at = end
    }
  }

/** Decides the next version first, and publishes the one before it afterwards. */
const decideAhead = (): NonNullable<Mutant['batches']> => async (bench, recovered) => {
  let before: Link | undefined
  return inOrder(async ({ context }, batch, decide) => {
    if (!(await decide())) return false
    if (before !== undefined) await publishCommit(context, before)
    before = batch
    return true
  })(bench, recovered).then(async (ended) => {
    if (before !== undefined) await publishCommit(bench.context, before)
    return ended
  })
}

/** Kafka Connect's way: data under names that follow from the start offset, overwritten; then the offset. */
const overwriteThenOffset = async (bench: Bench): Promise<void> => {
  const { world, store } = bench
  const overwrite = async (path: string, value: unknown): Promise<void> => {
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    await bench.context.retry(path, () => store.remove(path as StoragePath))
    await bench.context.retry(path, () => store.createIfAbsent(path as StoragePath, bytes))
  }
  const found = world.store.objects.get('lake/offset' as StoragePath)
  let at = found === undefined ? 0 : world.parsed<number>(found)
  for (;;) {
    const end = await nextRange(bench, at)
    if (end === undefined) return
    const offsets = Array.from({ length: end - at }, (_, index) => at + index)
    const rows = offsets.filter((offset) => !isBad(offset) && keyOf(offset) === offset)
    await overwrite(`lake/books/d=1/${at}`, rows)
    await overwrite('lake/offset', end)
    at = end
  }
}

const vacuumRule = (mayGo: (facts: { decided: boolean; published: boolean }) => boolean): Partial<Rules> => ({
  decideVacuum: (facts) =>
    facts.version !== undefined && mayGo(facts) ? { kind: 'discard' } : { kind: 'keep', reason: 'undecided' },
})

/** Designs that look right and are not. The oracle must catch each. */
export const MUTANTS: readonly Mutant[] = [
  { name: 'overwrite-then-offset', worker: overwriteThenOffset },
  { name: 'eager-vacuum', rules: vacuumRule(() => true) },
  { name: 'vacuum-before-publish', rules: vacuumRule(({ decided }) => decided) },
  {
    name: 'no-read-back',
    rules: { decideOutcome: ({ answer, found }) => (answer === 'unknown' ? 'mine' : found ? 'other' : 'none') },
  },
  { name: 'exists-means-mine', rules: { decideOutcome: ({ found }) => (found ? 'mine' : 'none') } },
  { name: 'ignored-condition', store: { ignoresCondition: true } },
  { name: 'staged-in-place', store: { stagesInPlace: true } },
  { name: 'reused-attempt', rules: { nameAttempt: () => '1-0' } },
  {
    name: 'publish-before-decide',
    batches: inOrder(async ({ context }, batch, decide) => {
      await publishFiles(context, batch)
      if (!(await decide())) return false
      await markPublished(context, batch)
      return true
    }),
  },
  { name: 'decide-before-own-publish', batches: (bench, recovered) => decideAhead()(bench, recovered) },
  {
    name: 'mark-before-files',
    batches: inOrder(async ({ context }, batch, decide) => {
      if (!(await decide())) return false
      await markPublished(context, batch)
      await publishFiles(context, batch)
      return true
    }),
  },
  {
    name: 'recovery-does-not-publish',
    rules: { decideRecover: ({ head }) => (head ? { kind: 'ready', record: head } : { kind: 'empty' }) },
  },
  { name: 'state-not-in-commit', forgetsState: true },
  {
    name: 'snapshot-without-deltas',
    rules: {
      decideRestore: (commits) => {
        const last = commits.findLast((commit) => commit.stateSnapshot)
        return (last?.state ?? []).map((file) => ({ version: last?.version ?? 0, file }))
      },
    },
  },
]
