import { samePositions } from '../../core/positions.ts'
import type { CommitRecord } from '../records.ts'

export interface Link {
  readonly record: CommitRecord
  /** Of the record's bytes as stored. */
  readonly sha256: string
}

export type ChainDecision = { readonly kind: 'follows' } | { readonly kind: 'broken'; readonly why: string }

const broken = (why: string): ChainDecision => ({ kind: 'broken', why })

/**
 * Whether a record follows from the one before it (`first`: the instance record's hash, for version 1): next version,
 * parent's hash, same instance, and reading starts where the parent ended.
 */
export const decideChain = (parent: Link | { readonly first: string }, record: CommitRecord): ChainDecision => {
  if ('first' in parent) {
    if (record.version !== 1) return broken(`the log starts with version ${record.version}, not 1`)
    return record.parentSha256 === parent.first
      ? { kind: 'follows' }
      : broken('version 1 does not belong to this instance')
  }
  const before = parent.record
  if (record.version !== before.version + 1) return broken(`version ${record.version} comes after ${before.version}`)
  if (record.parentSha256 !== parent.sha256)
    return broken(`version ${record.version} was decided over another version ${before.version}`)
  if (record.instance !== before.instance) return broken(`version ${record.version} was written by another state`)
  if (!samePositions(record.start, before.end))
    return broken(`version ${record.version} does not start where version ${before.version} ended`)
  return { kind: 'follows' }
}

/** Versions above the newest one found: an unbroken row of successors is news; anything else is a gap. */
export const decideBeyond = (
  newest: number,
  beyond: readonly number[],
): { readonly kind: 'newest'; readonly version: number } | { readonly kind: 'gap'; readonly missing: number } => {
  let version = newest
  for (const next of beyond) {
    if (next <= version) continue
    if (next !== version + 1) return { kind: 'gap', missing: version + 1 }
    version = next
  }
  return { kind: 'newest', version }
}
