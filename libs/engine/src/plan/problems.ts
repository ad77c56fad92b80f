import type { Diagnostic, Span } from '../core/diagnostics.ts'
import type { ErrorCode } from '../core/errors/index.ts'
import { LIMITS } from '../core/limits.ts'

/** Collects what the binder has to say. */
export class Problems {
  readonly #diagnostics: Diagnostic[] = []
  #leftOut = false

  #add(severity: Diagnostic['severity'], code: ErrorCode, span: Span, message: string, hint?: string): void {
    this.#diagnostics.push({ severity, code, message, span, ...(hint === undefined ? {} : { hint }) })
  }

  error(code: ErrorCode, span: Span, message: string, hint?: string): void {
    this.#add('error', code, span, message, hint)
  }

  warn(code: ErrorCode, span: Span, message: string, hint?: string): void {
    this.#add('warning', code, span, message, hint)
  }

  /** `hasMore`: whoever collected them left errors out. */
  addAll(diagnostics: readonly Diagnostic[], hasMore: boolean): void {
    this.#diagnostics.push(...diagnostics)
    this.#leftOut ||= hasMore
  }

  /** Whether `sorted` leaves errors out. */
  get hasMore(): boolean {
    const errors = this.#distinct().filter(({ severity }) => severity === 'error')
    return this.#leftOut || errors.length > LIMITS.diagnostics_max
  }

  get errorCount(): number {
    return this.#diagnostics.filter(({ severity }) => severity === 'error').length
  }

  /** By file and position, without repeats, at most `diagnostics_max`; errors are never crowded out by warnings. */
  sorted(): readonly Diagnostic[] {
    const byPlace = (a: Diagnostic, b: Diagnostic): number => {
      const files = (a.span?.file ?? '') < (b.span?.file ?? '') ? -1 : 1
      return a.span?.file === b.span?.file ? (a.span?.start ?? 0) - (b.span?.start ?? 0) : files
    }
    const bySeverity = (a: Diagnostic, b: Diagnostic) =>
      Number(a.severity > b.severity) - Number(a.severity < b.severity)
    return this.#distinct().sort(bySeverity).slice(0, LIMITS.diagnostics_max).sort(byPlace)
  }

  #distinct(): Diagnostic[] {
    const key = ({ span, code, message }: Diagnostic) => `${span?.file} ${span?.start} ${code} ${message}`
    return [...new Map(this.#diagnostics.map((diagnostic) => [key(diagnostic), diagnostic])).values()]
  }
}
