/**
 * `word`: a bare name or keyword; `name`: a quoted one; `string`: `'…'`, `e'…'` or `$$…$$`; `parameter`: `?`, `$1`,
 * `$name`; `symbol`: one character of an operator or a bracket; `end`: after the last token.
 */
export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'parameter' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Where it stands in the user's text, `${…}` and all. */
  readonly start: number
  readonly end: number
  /** DuckDB's spelling of it, with `${…}` filled in. */
  readonly text: string
  /** What it stands for: a name without quotes, a string's value. */
  readonly value: string
  /** Upper-case spelling of a bare word that the user typed; empty for all else, so that no value becomes a keyword. */
  readonly keyword: string
  /** True where `text` is not the user's text between `start` and `end`. */
  readonly rewritten: boolean
  /** For a string that holds a secret: how it is printed. */
  readonly shown?: string
}
