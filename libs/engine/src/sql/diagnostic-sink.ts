import type { Diagnostic, Span } from '../core/diagnostics.ts'
import type { ErrorCode } from '../core/errors/index.ts'
import { LIMITS } from '../core/limits.ts'

export interface Complaint {
  readonly code: ErrorCode
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint?: string | undefined
}

/** Collects what lexer and parser complain of in one file. It lives for one `parseFile` and is seen by nobody else. */
export class DiagnosticSink {
  readonly file: string
  readonly #diagnostics: Diagnostic[] = []

  constructor(file: string) {
    this.file = file
  }

  get count(): number {
    return this.#diagnostics.length
  }

  /** True once so much is wrong that no more needs to be looked for: bounds the work on a hostile file. */
  get isFull(): boolean {
    return this.#diagnostics.length >= 10 * LIMITS.diagnostics_max
  }

  span(start: number, end: number): Span {
    return { file: this.file, start, end }
  }

  error({ code, start, end, message, hint }: Complaint): void {
    if (this.isFull) return
    const span = this.span(start, end)
    this.#diagnostics.push({ severity: 'error', code, message, span, ...(hint === undefined ? {} : { hint }) })
  }

  /** Where each complaint so far starts. */
  positions(): readonly number[] {
    return this.#diagnostics.map(({ span }) => span!.start)
  }

  /** Whether `sorted` leaves any out. */
  get hasMore(): boolean {
    return this.#distinct().length > LIMITS.diagnostics_max
  }

  /** By position, at most `diagnostics_max`. Of different codes for one place only the first: it caused the rest. */
  sorted(): readonly Diagnostic[] {
    return this.#distinct()
      .sort((a, b) => a.span!.start - b.span!.start || a.span!.end - b.span!.end)
      .slice(0, LIMITS.diagnostics_max)
  }

  #distinct(): Diagnostic[] {
    const causes = new Map<string, string>()
    const seen = new Set<string>()
    return this.#diagnostics.filter(({ code, span, message }) => {
      const place = `${span!.start} ${span!.end}`
      if (!causes.has(place)) causes.set(place, code)
      const key = `${place} ${message}`
      return causes.get(place) === code && !seen.has(key) && seen.add(key)
    })
  }
}
