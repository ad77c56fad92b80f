/**
 * The registry of every error that Millrace can show. Each area keeps its own table (`sql.ts`, `kafka.ts`, …) and
 * `index.ts` merges them. A code is written once, here, and never changes its meaning: users search for it.
 */
export type Fault = 'user' | 'data' | 'environment' | 'bug'

export interface ErrorSpec {
  /** Who can mend it. `user` exits with 1, as do `data` and `environment`; `bug` exits with 2. */
  readonly fault: Fault
  /** One sentence, for docs/errors.md; the message of an instance may say more. */
  readonly summary: string
  /** One honest hint, shown when the instance brings none of its own. */
  readonly hint?: string
  /** True where trying again, unchanged, may succeed. */
  readonly retryable?: boolean
  /** Exit status when it ends the process, where it is not the one of its fault. */
  readonly exit?: number
}

export const defineErrors = <const T extends Readonly<Record<`ENG_${string}`, ErrorSpec>>>(specs: T): T => specs
