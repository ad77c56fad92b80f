export type CreateFacts = {
  readonly mine: Uint8Array
  /** What the store said: the name is taken, or nothing that can be relied on. */
  readonly answer: 'exists' | 'unknown'
  /** What is at the path now; undefined: nothing. */
  readonly found: Uint8Array | undefined
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/**
 * Who won a create-if-absent whose answer was not `created`. Records hold a random token, so equal bytes are one's own;
 * `none` means that the same bytes must be put again, never that another version may be tried.
 */
export const decideOutcome = ({ mine, found }: CreateFacts): 'mine' | 'other' | 'none' =>
  found === undefined ? 'none' : sameBytes(mine, found) ? 'mine' : 'other'
