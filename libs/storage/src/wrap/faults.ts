import { type StorageAdapter, StorageError } from '../port.ts'
import { interceptStorage, isWrite, type StorageCall } from './intercept.ts'
import type { Random } from './ports.ts'

/**
 * before: nothing happened, and the error says so (`unavailable`).
 * after: it happened, and the answer was lost (`ambiguous_write`).
 * late: it has not happened when the error (`ambiguous_write`) comes, and happens some calls later
 * (a late write whose signal was aborted meanwhile does not happen).
 * Calls that only read can fail in mode `before` alone; the other modes mean the same for them.
 */
export type FaultMode = 'before' | 'after' | 'late'

/** Decides for the n-th call (from 1) of the whole adapter. */
export type FaultPlan = (call: StorageCall, n: number) => FaultMode | undefined

export interface FaultRates {
  readonly before?: number
  readonly after?: number
  readonly late?: number
}

/** Fails calls at random, each mode with its own probability. */
export function randomFaults(random: Random, rates: FaultRates): FaultPlan {
  const { before = 0, after = 0, late = 0 } = rates
  return () => {
    const drawn = random.next()
    if (drawn < before) return 'before'
    if (drawn < before + after) return 'after'
    return drawn < before + after + late ? 'late' : undefined
  }
}

/** Fails the n-th call (from 1) and no other: run with n = 1, 2, 3 … until `injected` stays 0. */
export function nthFault(n: number, mode: FaultMode): FaultPlan {
  return (_call, at) => (at === n ? mode : undefined)
}

export interface FaultOptions {
  readonly plan: FaultPlan
  /** Asked before every call while late writes are outstanding: a number below `landRate` lands one of them. */
  readonly random?: Random
  /** Default 0.2. Without `random`, late writes land by `landLate` alone. */
  readonly landRate?: number
}

export interface FaultyStorage {
  readonly storage: StorageAdapter
  readonly calls: number
  readonly injected: number
  /** Late writes that have not landed. */
  readonly outstanding: number
  /** Lands one late write (the oldest unless said otherwise), or does nothing when there is none. */
  landLate(index?: number): Promise<void>
  /** No more faults from here on; late writes stay outstanding. */
  heal(): void
}

/** Puts faults in front of an adapter, by plan. What a late write answers or throws when it lands is lost. */
export function faultStorage(inner: StorageAdapter, options: FaultOptions): FaultyStorage {
  const { random, landRate = 0.2 } = options
  const late: (() => Promise<unknown>)[] = []
  let plan: FaultPlan = options.plan
  let [calls, injected] = [0, 0]
  const landLate = async (index = 0): Promise<void> => {
    const [write] = late.splice(index, 1)
    await write?.().catch(() => undefined)
  }
  const storage = interceptStorage(inner, async (call, run) => {
    if (random !== undefined && late.length > 0 && random.next() < landRate) {
      await landLate(Math.floor(random.next() * late.length))
    }
    calls += 1
    const mode = plan(call, calls)
    if (mode === undefined) return run()
    injected += 1
    if (mode === 'before' || !isWrite(call.verb)) throw injectedError('unavailable', call)
    if (mode === 'after') await run()
    else late.push(run)
    throw injectedError('ambiguous_write', call)
  })
  return {
    storage,
    landLate,
    heal: () => {
      plan = () => undefined
    },
    get calls() {
      return calls
    },
    get injected() {
      return injected
    },
    get outstanding() {
      return late.length
    },
  }
}

function injectedError(kind: 'unavailable' | 'ambiguous_write', call: StorageCall): StorageError {
  return new StorageError(kind, call.path, `injected fault: ${kind} at ${call.verb} of ${JSON.stringify(call.path)}`)
}
