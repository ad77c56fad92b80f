import type { CommitRecord, CommittedState } from '../records.ts'

/** Where a restore must start to read if this commit is the head; see CommitRecord.stateBase. */
export const stateBaseOf = (
  version: number,
  parentBase: number | undefined,
  draft: { readonly stateSnapshot: boolean; readonly stateFiles: number },
): number | undefined => (draft.stateSnapshot ? version : (parentBase ?? (draft.stateFiles > 0 ? version : undefined)))

const bucketKey = (file: CommittedState): string => `${file.stream}:${file.bucket_start_ms}`

/**
 * The live state files of the commits from `stateBase` to the head, oldest first. A snapshot of a bucket takes the
 * place of everything before it and of its own commit's delta; a dropped bucket loses what earlier commits gave it.
 */
export const decideRestore = (
  commits: readonly CommitRecord[],
): readonly { readonly version: number; readonly file: CommittedState }[] => {
  const live = new Map<string, { version: number; file: CommittedState }[]>()
  for (const commit of commits) {
    if (commit.stateSnapshot) live.clear()
    for (const bucket of commit.droppedBuckets) live.delete(bucket)
    const snapshots = new Set(commit.state.filter((file) => file.kind === 'snapshot').map(bucketKey))
    for (const bucket of snapshots) live.delete(bucket)
    for (const file of commit.state) {
      const key = bucketKey(file)
      if (file.kind === 'delta' && snapshots.has(key)) continue
      live.set(key, [...(live.get(key) ?? []), { version: commit.version, file }])
    }
  }
  return [...live.values()].flat().sort((a, b) => a.version - b.version)
}
