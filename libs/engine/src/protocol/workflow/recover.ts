import type { Link } from '../decide/chain.ts'
import type { CommitRecord } from '../records.ts'
import type { LiveState } from '../types.ts'
import { assertFollows, isMarked, mustReadLink, newestVersion, readChain } from './commits.ts'
import type { Context } from './context.ts'
import { publishCommit } from './publish.ts'
import type { Instance } from './state.ts'

export interface Head {
  readonly link: Link | undefined
  readonly state: readonly LiveState[]
  readonly snapshotVersion: number
}

/** The newest commit, checked against the one before it. */
export const readHead = async (context: Context, instance: Instance): Promise<Link | undefined> => {
  const version = await newestVersion(context)
  if (version === 0) return undefined
  const link = await mustReadLink(context, version)
  assertFollows(context, version > 1 ? await mustReadLink(context, version - 1) : instance, link)
  return link
}

/** The commits that a restore must read, oldest first; none where the pipeline keeps no state. */
const stateCommits = async (context: Context, instance: Instance, head: Link): Promise<readonly CommitRecord[]> => {
  const { stateBase, version } = head.record
  if (stateBase === undefined) return []
  const commits: CommitRecord[] = []
  for await (const { record } of readChain(context, instance, stateBase, version)) commits.push(record)
  return commits
}

/**
 * Reads what was committed and finishes what was decided. Whoever goes on from here has published the head (I4); all
 * versions below it were published by whoever decided the next.
 */
export const recoverHead = async (context: Context, instance: Instance): Promise<Head> => {
  await context.crashpoint('before-recover')
  const link = await readHead(context, instance)
  const published = link !== undefined && (await isMarked(context, link.record.version))
  const decision = context.rules.decideRecover({ head: link?.record, published })
  if (link === undefined || decision.kind === 'empty') return { link: undefined, state: [], snapshotVersion: 0 }
  if (decision.kind === 'publish') {
    context.logger.log('info', `Publishing commit ${link.record.version}, which was decided and not finished`)
    await context.crashpoint('before-recover-publish')
    await publishCommit(context, link)
    await context.crashpoint('after-recover-publish')
  }
  const commits = await stateCommits(context, instance, link)
  return {
    link,
    state: context.rules.decideRestore(commits),
    snapshotVersion: commits.findLast((commit) => commit.stateSnapshot)?.version ?? 0,
  }
}
