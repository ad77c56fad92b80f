import { StorageError } from '@millrace/storage'
import type { ErrorCode } from '../../core/errors/index.ts'
import { MillraceError } from '../../core/errors/index.ts'
import { LIMITS } from '../../core/limits.ts'
import { type Crashpoint, noCrashpoint } from '../crash-points.ts'
import type { PipelineLogOptions, RetryPolicy } from '../types.ts'
import { RULES, type Rules } from './rules.ts'

export type Call<T> = () => Promise<T>

/** What every workflow of one log shares. */
export interface Context extends Omit<PipelineLogOptions, 'retry'> {
  readonly crashpoint: Crashpoint
  readonly concurrency: number
  readonly rules: Rules
  /**
   * Repeats a call that may be repeated: while the store is unavailable, throttled, full, or did not say what became
   * of it. `what` completes the sentence "Cannot …". Other errors are thrown as MillraceErrors.
   */
  retry<T>(what: string, call: Call<T>): Promise<T>
  /** Waits out one failure of a series; throws when it is not worth waiting or the policy gives up. */
  backOff(what: string, series: Series, error: unknown): Promise<void>
  /** Ends a series: what was troubled works again. */
  settled(series: Series): void
  newSeries(): Series
}

export interface Series {
  failures: number
  readonly since_ms: number
}

const defaultPolicy: RetryPolicy = { delay_ms_min: 50, delay_ms_max: LIMITS.retry_delay_ms_max }

const codes: Readonly<Record<StorageError['kind'], ErrorCode>> = {
  not_found: 'ENG_STORE_COMMITTED_FILE_MISSING',
  exists: 'ENG_STORE_REFUSED',
  permission: 'ENG_STORE_REFUSED',
  throttled: 'ENG_STORE_UNAVAILABLE',
  unavailable: 'ENG_STORE_UNAVAILABLE',
  no_space: 'ENG_STORE_FULL',
  ambiguous_write: 'ENG_STORE_UNAVAILABLE',
  invalid_path: 'ENG_STORE_REFUSED',
  not_supported: 'ENG_STORE_REFUSED',
  corrupt: 'ENG_STORE_CORRUPT',
  unsafe_store: 'ENG_STORE_UNSAFE',
}

/** A storage error in the engine's words; anything else as it is. */
export const asStoreFailure = (what: string, error: unknown): unknown =>
  error instanceof StorageError
    ? new MillraceError(codes[error.kind], `Cannot ${what}: ${error.message}`, { path: error.path, cause: error })
    : error

const mayRepeat = (error: unknown): error is StorageError =>
  error instanceof StorageError && (error.retryable || error.kind === 'ambiguous_write')

export const createContext = (options: PipelineLogOptions, rules: Rules = RULES): Context => {
  const policy = { ...defaultPolicy, ...options.retry }
  const { clock, random, logger } = options
  let troubled = 0
  const newSeries = (): Series => ({ failures: 0, since_ms: clock.monotonic_ms() })

  const backOff = async (what: string, series: Series, error: unknown): Promise<void> => {
    if (!mayRepeat(error)) throw asStoreFailure(what, error)
    options.signal?.throwIfAborted()
    const waited_ms = clock.monotonic_ms() - series.since_ms
    if (policy.giveUpAfter_ms !== undefined && waited_ms >= policy.giveUpAfter_ms) throw asStoreFailure(what, error)
    if (series.failures++ === 0) troubled++
    const ceiling_ms = Math.min(policy.delay_ms_max, policy.delay_ms_min * 2 ** Math.min(series.failures, 20))
    const message = `Cannot ${what}, trying again: ${error.message}`
    options.onTrouble?.(message)
    logger.log('warn', message, { path: error.path, kind: error.kind, failures: series.failures })
    await clock.sleep(random.next() * ceiling_ms, options.signal)
  }

  const settled = (series: Series): void => {
    if (series.failures > 0 && --troubled === 0) options.onTrouble?.(undefined)
    series.failures = 0
  }

  const retry = async <T>(what: string, call: Call<T>): Promise<T> => {
    const series = newSeries()
    for (;;) {
      try {
        const result = await call()
        settled(series)
        return result
      } catch (error) {
        await backOff(what, series, error)
      }
    }
  }

  return {
    ...options,
    crashpoint: options.crashpoint ?? noCrashpoint,
    concurrency: options.concurrency ?? 8,
    rules,
    retry,
    backOff,
    settled,
    newSeries,
  }
}
