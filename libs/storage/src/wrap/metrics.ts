import { type StorageAdapter, StorageError, type StorageErrorKind } from '../port.ts'
import { interceptStorage, type StorageVerb } from './intercept.ts'
import type { Clock } from './ports.ts'

export interface VerbMetrics {
  readonly calls: number
  /** Sent by writes (also by those that failed), received by `read`; downloads and listings count none. */
  readonly bytes: number
  /** Summed over calls, which may overlap. */
  readonly duration_ms: number
  readonly duration_ms_max: number
  readonly errors: Readonly<Partial<Record<StorageErrorKind | 'other', number>>>
}

export type StorageMetrics = Readonly<Partial<Record<StorageVerb, VerbMetrics>>>

export interface MeteredStorage {
  readonly storage: StorageAdapter
  /** All since the beginning, as a value of its own. */
  metrics(): StorageMetrics
}

const NONE: VerbMetrics = { calls: 0, bytes: 0, duration_ms: 0, duration_ms_max: 0, errors: {} }

/** Counts calls, bytes, time and errors per verb. */
export function meterStorage(inner: StorageAdapter, clock: Pick<Clock, 'monotonic_ms'>): MeteredStorage {
  const byVerb: Partial<Record<StorageVerb, VerbMetrics>> = {}
  const storage = interceptStorage(inner, async (call, run) => {
    const start_ms = clock.monotonic_ms()
    const record = (received: number, error?: StorageErrorKind | 'other'): void => {
      const before = byVerb[call.verb] ?? NONE
      const duration_ms = clock.monotonic_ms() - start_ms
      byVerb[call.verb] = {
        calls: before.calls + 1,
        bytes: before.bytes + call.bytes + received,
        duration_ms: before.duration_ms + duration_ms,
        duration_ms_max: Math.max(before.duration_ms_max, duration_ms),
        errors: error === undefined ? before.errors : { ...before.errors, [error]: (before.errors[error] ?? 0) + 1 },
      }
    }
    try {
      const result = await run()
      record(result instanceof Uint8Array ? result.length : 0)
      return result
    } catch (error) {
      record(0, error instanceof StorageError ? error.kind : 'other')
      throw error
    }
  })
  return { storage, metrics: () => ({ ...byVerb }) }
}
