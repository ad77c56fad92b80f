import { describe, expect, it } from 'vitest'
import type { CommitRecord, CommittedState } from '../../../src/protocol/index.ts'
import { decideBeyond, decideChain } from '../../../src/protocol/decide/chain.ts'
import { newestAnswer, type NewestSearch, newestStep } from '../../../src/protocol/decide/newest.ts'
import { decideOutcome } from '../../../src/protocol/decide/outcome.ts'
import { decidePositions } from '../../../src/protocol/decide/positions.ts'
import { decideFence, decideRecover } from '../../../src/protocol/decide/recover.ts'
import { decideRestore, stateBaseOf } from '../../../src/protocol/decide/state.ts'
import { decideVacuum } from '../../../src/protocol/decide/vacuum.ts'

const commit = (version: number, changes: Partial<CommitRecord> = {}): CommitRecord => ({
  format: 1,
  kind: 'batch',
  pipeline: 'p',
  version,
  attempt: `1-${version}`,
  epoch: 1,
  instance: '0123abcd',
  parentSha256: `sha-${version - 1}`,
  fingerprint: 'f',
  start: version === 1 ? {} : { t: { 0: String(version - 1) } },
  end: { t: { 0: String(version) } },
  topicIds: {},
  counts: {},
  files: [],
  deadLetters: [],
  state: [],
  stateSnapshot: false,
  droppedBuckets: [],
  recordTimes_ms: {},
  removes: [],
  batchTime: '2026-01-01T00:00:00Z',
  ...changes,
})

const state = (bucket: number, kind: 'delta' | 'snapshot', name: string): CommittedState => ({
  staged: '',
  target: name,
  rows: 1,
  bytes: 1,
  sha256: '',
  of: 'state',
  stream: 's',
  bucket_start_ms: bucket,
  bucket_end_ms: bucket + 10,
  kind,
})

const restored = (...commits: CommitRecord[]): string[] => decideRestore(commits).map(({ file }) => file.target)

describe('decideOutcome', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  it('knows its own record again, another’s, and none', () => {
    const mine = bytes('mine')
    for (const answer of ['exists', 'unknown'] as const) {
      expect(decideOutcome({ mine, found: bytes('mine'), answer })).toBe('mine')
      expect(decideOutcome({ mine, found: bytes('mind'), answer })).toBe('other')
      expect(decideOutcome({ mine, found: bytes('mine2'), answer })).toBe('other')
      expect(decideOutcome({ mine, found: undefined, answer })).toBe('none')
    }
  })
})

describe('newestStep', () => {
  it('finds the newest of n in at most 2·log2(n) + 2 lookups', () => {
    for (const newest of [0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 1_000, 1_000_000]) {
      let search: NewestSearch = { low: 0 }
      let lookups = 0
      for (;;) {
        const step = newestStep(search)
        if (step.kind === 'found') {
          expect(step.n).toBe(newest)
          break
        }
        lookups++
        search = newestAnswer(search, step.n, step.n <= newest)
      }
      expect(lookups).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(newest + 1)) + 2)
    }
  })
})

describe('decideChain', () => {
  const parent = { record: commit(3), sha256: 'sha-3' }
  it('accepts the successor, and only it', () => {
    expect(decideChain(parent, commit(4))).toEqual({ kind: 'follows' })
    expect(decideChain({ first: 'sha-0' }, commit(1))).toEqual({ kind: 'follows' })
  })
  it.each([
    ['a gap', commit(5)],
    ['another parent', commit(4, { parentSha256: 'other' })],
    ['another state', commit(4, { instance: 'ffffffff' })],
    ['another start', commit(4, { start: { t: { 0: '2' } } })],
  ])('refuses %s', (_what, record) => {
    expect(decideChain(parent, record).kind).toBe('broken')
  })
  it('refuses a first commit of another state, or of another version', () => {
    expect(decideChain({ first: 'other' }, commit(1)).kind).toBe('broken')
    expect(decideChain({ first: 'sha-0' }, commit(2)).kind).toBe('broken')
  })
})

describe('decideBeyond', () => {
  it('takes an unbroken row as news and names the first gap', () => {
    expect(decideBeyond(3, [])).toEqual({ kind: 'newest', version: 3 })
    expect(decideBeyond(3, [2, 3, 4, 5])).toEqual({ kind: 'newest', version: 5 })
    expect(decideBeyond(3, [4, 6])).toEqual({ kind: 'gap', missing: 5 })
    expect(decideBeyond(0, [2])).toEqual({ kind: 'gap', missing: 1 })
  })
})

describe('decideRecover and decideFence', () => {
  it('publish a decided head first', () => {
    expect(decideRecover({ head: undefined, published: false })).toEqual({ kind: 'empty' })
    expect(decideRecover({ head: commit(2), published: false }).kind).toBe('publish')
    expect(decideRecover({ head: commit(2), published: true }).kind).toBe('ready')
  })
  it('fence the older worker only', () => {
    expect(decideFence({ own: 2, newest: 2 })).toEqual({ kind: 'go on' })
    expect(decideFence({ own: 2, newest: 5 })).toEqual({ kind: 'fenced', by: 5 })
  })
})

describe('decideVacuum', () => {
  it('lets go only what is decided and published (I3)', () => {
    expect(decideVacuum({ version: 1, decided: true, published: true }).kind).toBe('discard')
    expect(decideVacuum({ version: 1, decided: true, published: false })).toEqual({
      kind: 'keep',
      reason: 'unpublished',
    })
    expect(decideVacuum({ version: 1, decided: false, published: false })).toEqual({
      kind: 'keep',
      reason: 'undecided',
    })
    expect(decideVacuum({ version: undefined, decided: true, published: true }).kind).toBe('keep')
  })
})

describe('decideRestore', () => {
  it('takes all deltas where there is no snapshot, oldest first', () => {
    expect(
      restored(commit(1, { state: [state(0, 'delta', 'a')] }), commit(2, { state: [state(0, 'delta', 'b')] })),
    ).toEqual(['a', 'b'])
  })
  it('lets a snapshot take the place of what came before it and of its own delta', () => {
    expect(
      restored(
        commit(1, { state: [state(0, 'delta', 'a')] }),
        commit(2, { stateSnapshot: true, state: [state(0, 'delta', 'b'), state(0, 'snapshot', 'S')] }),
        commit(3, { state: [state(0, 'delta', 'c'), state(10, 'delta', 'd')] }),
      ),
    ).toEqual(['S', 'c', 'd'])
  })
  it('forgets buckets that passed the horizon, and keeps what came back after it', () => {
    expect(
      restored(
        commit(1, { state: [state(0, 'delta', 'a'), state(10, 'delta', 'b')] }),
        commit(2, { droppedBuckets: ['s:0'], state: [state(10, 'delta', 'c')] }),
        commit(3, { state: [state(0, 'delta', 'd')] }),
      ),
    ).toEqual(['b', 'c', 'd'])
  })
})

describe('stateBaseOf', () => {
  it('points at the newest snapshot, else at the first state', () => {
    expect(stateBaseOf(7, undefined, { stateSnapshot: false, stateFiles: 0 })).toBeUndefined()
    expect(stateBaseOf(7, undefined, { stateSnapshot: false, stateFiles: 1 })).toBe(7)
    expect(stateBaseOf(8, 7, { stateSnapshot: false, stateFiles: 1 })).toBe(7)
    expect(stateBaseOf(9, 7, { stateSnapshot: true, stateFiles: 1 })).toBe(9)
  })
})

describe('decidePositions', () => {
  const parent = { t: { 0: '5', 1: '7' }, gone: { 0: '3' } }
  it('starts where the parent ended, lets partitions join, and forgets none', () => {
    const draft = {
      start: { t: { 0: '5', 1: '7', 2: '0' } },
      end: { t: { 0: '9', 1: '7', 2: '4' } },
      mayHaveGaps: false,
    }
    expect(decidePositions(parent, draft)).toEqual({
      kind: 'ok',
      start: parent,
      end: { t: { 0: '9', 1: '7', 2: '4' }, gone: { 0: '3' } },
      gaps: [],
    })
    expect(decidePositions(undefined, draft)).toMatchObject({ kind: 'ok', start: draft.start, end: draft.end })
  })
  it('never goes back, and jumps only where that is allowed', () => {
    const at = (start: string, end: string, mayHaveGaps: boolean) =>
      decidePositions({ t: { 0: '10' } }, { start: { t: { 0: start } }, end: { t: { 0: end } }, mayHaveGaps })
    expect(at('9', '12', true)).toMatchObject({ kind: 'refused' })
    expect(at('11', '12', false)).toMatchObject({ kind: 'refused' })
    expect(at('10', '9', false)).toMatchObject({ kind: 'refused' })
    expect(at('11', '12', true)).toMatchObject({ gaps: [{ topic: 't', partition: 0, from: '10', to: '11' }] })
  })
})
