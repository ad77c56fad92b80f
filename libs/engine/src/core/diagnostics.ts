import type { ErrorCode } from './errors/index.ts'

/** A half-open range [start, end) of UTF-16 code units in one file's text as the user wrote it. */
export interface Span {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** What a compiler pass has to say about the text. Passes never throw for the user's mistakes: they return these. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: ErrorCode
  readonly message: string
  readonly span?: Span
  readonly notes?: readonly { readonly message: string; readonly span?: Span }[]
  readonly hint?: string
}
