import type { CommitRecord } from '../records.ts'

export type RecoverDecision =
  | { readonly kind: 'empty' }
  /** Decided, and perhaps published in part: it must be published before anything else is decided (I4). */
  | { readonly kind: 'publish'; readonly record: CommitRecord }
  | { readonly kind: 'ready'; readonly record: CommitRecord }

/** `published` speaks of the head only: whoever decided it had published all versions before it. */
export const decideRecover = (facts: {
  readonly head: CommitRecord | undefined
  readonly published: boolean
}): RecoverDecision => {
  if (facts.head === undefined) return { kind: 'empty' }
  return facts.published ? { kind: 'ready', record: facts.head } : { kind: 'publish', record: facts.head }
}

/** A later epoch means that another worker was started: this one stops early. Safety does not rest on it. */
export const decideFence = (facts: {
  readonly own: number
  readonly newest: number
}): { readonly kind: 'go on' } | { readonly kind: 'fenced'; readonly by: number } =>
  facts.newest > facts.own ? { kind: 'fenced', by: facts.newest } : { kind: 'go on' }
