import type { Span } from '../diagnostics.ts'
import { dataErrors } from './data.ts'
import { duckdbErrors } from './duckdb.ts'
import { kafkaErrors } from './kafka.ts'
import { protocolErrors } from './protocol.ts'
import type { ErrorSpec } from './registry.ts'
import { runtimeErrors } from './runtime.ts'
import { sqlErrors } from './sql.ts'
import { storeErrors } from './store.ts'

export const ERRORS = {
  ...sqlErrors,
  ...kafkaErrors,
  ...dataErrors,
  ...storeErrors,
  ...protocolErrors,
  ...duckdbErrors,
  ...runtimeErrors,
} as const

export type ErrorCode = keyof typeof ERRORS

/** The place an error speaks of. All parts are optional; none may hold a secret. */
export interface ErrorPlace {
  readonly span?: Span
  readonly topic?: string
  readonly partition?: number
  readonly offset?: bigint
  readonly path?: string
}

export interface ErrorDetails extends ErrorPlace {
  readonly hint?: string
  readonly cause?: unknown
}

/** The one error class that crosses module borders. Its code is looked up in {@link ERRORS} for everything else. */
export class MillraceError extends Error {
  readonly code: ErrorCode
  readonly place: ErrorPlace
  readonly #hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { hint, cause, ...place } = details
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'MillraceError'
    this.code = code
    this.place = place
    this.#hint = hint
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code]
  }

  get hint(): string | undefined {
    return this.#hint ?? this.spec.hint
  }

  /** Exit status of a process that ends with this error: dialect.md, "The command line". */
  get exitCode(): number {
    return this.spec.exit ?? (this.spec.fault === 'bug' ? 2 : 1)
  }

  /** A plain object that survives structuredClone between worker threads; {@link MillraceError.revive} reads it back. */
  toPlain(): PlainError {
    return {
      code: this.code,
      message: this.message,
      place: this.place,
      ...(this.#hint === undefined ? {} : { hint: this.#hint }),
      ...(this.stack === undefined ? {} : { stack: this.stack }),
    }
  }

  static revive(plain: PlainError): MillraceError {
    const error = new MillraceError(plain.code, plain.message, {
      ...plain.place,
      ...(plain.hint === undefined ? {} : { hint: plain.hint }),
    })
    if (plain.stack !== undefined) error.stack = plain.stack
    return error
  }
}

export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly place: ErrorPlace
  readonly hint?: string
  readonly stack?: string
}

/** Any thrown value as a MillraceError; what is not one already is a bug. */
export const asMillraceError = (thrown: unknown): MillraceError => {
  if (thrown instanceof MillraceError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const error = new MillraceError('ENG_BUG', message, { cause: thrown })
  if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack
  return error
}

/** Asserts what only a bug can break; stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new MillraceError('ENG_BUG', message)
}
