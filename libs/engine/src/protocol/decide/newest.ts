/**
 * Finds the greatest n for which n exists, knowing that 1 … n exist without gaps: doubling, then halving, so that a log
 * of a million commits costs some forty lookups and no listing. `low` exists (0 stands for none), `high` does not.
 */
export interface NewestSearch {
  readonly low: number
  readonly high?: number
}

export type NewestStep = { readonly kind: 'ask'; readonly n: number } | { readonly kind: 'found'; readonly n: number }

export const newestStep = ({ low, high }: NewestSearch): NewestStep => {
  if (high === undefined) return { kind: 'ask', n: low === 0 ? 1 : low * 2 }
  if (high - low <= 1) return { kind: 'found', n: low }
  return { kind: 'ask', n: low + Math.floor((high - low) / 2) }
}

export const newestAnswer = (search: NewestSearch, n: number, exists: boolean): NewestSearch =>
  exists ? { ...search, low: n } : { ...search, high: n }
