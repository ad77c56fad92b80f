export type VacuumDecision =
  | { readonly kind: 'discard' }
  | { readonly kind: 'keep'; readonly reason: 'undecided' | 'unpublished' | 'unrecognised' }

/**
 * I3: a staged object may go only if its version is decided and published. Until it is decided any attempt may still
 * win (even one whose write lands late); until it is published the staged bytes may be the only copy.
 */
export const decideVacuum = (facts: {
  /** Undefined: not a file of this log. */
  readonly version: number | undefined
  readonly decided: boolean
  readonly published: boolean
}): VacuumDecision => {
  if (facts.version === undefined) return { kind: 'keep', reason: 'unrecognised' }
  if (!facts.decided) return { kind: 'keep', reason: 'undecided' }
  return facts.published ? { kind: 'discard' } : { kind: 'keep', reason: 'unpublished' }
}
