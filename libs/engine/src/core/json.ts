/** A JSON value whose numbers kept every digit: they are the text of the number, in a box (see `sql/lossless.ts`). */
export interface JsonNumber {
  readonly isLosslessNumber: true
  readonly value: string
}
export type JsonValue =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }
