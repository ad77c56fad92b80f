import { MillraceError } from '../../core/errors/index.ts'
import { parseCommit, sha256Of } from '../codec.ts'
import { decideBeyond, type Link } from '../decide/chain.ts'
import { commitPath, commitsRoot, publishedPath, versionOfCommitPath } from '../layout.ts'
import type { Context } from './context.ts'
import { readIfPresent } from './create-record.ts'
import { findNewest } from './newest.ts'
import { mapPool } from './pool.ts'
import type { Instance } from './state.ts'

const chainBroken = (path: string, why: string): MillraceError =>
  new MillraceError('ENG_PROTOCOL_CHAIN_BROKEN', `The commit log is broken: ${why}`, { path })

export const readLink = async (context: Context, version: number): Promise<Link | undefined> => {
  const path = commitPath(context.stateRoot, version)
  const bytes = await readIfPresent(context, context.state, path)
  if (bytes === undefined) return undefined
  return { record: parseCommit(bytes, { path, pipeline: context.pipeline, version }), sha256: sha256Of(bytes) }
}

export const mustReadLink = async (context: Context, version: number): Promise<Link> => {
  const link = await readLink(context, version)
  if (link === undefined)
    throw chainBroken(
      commitPath(context.stateRoot, version),
      `commit ${version} is missing although a later one exists`,
    )
  return link
}

/** 0: none. A version that is missing below one that exists is ENG_PROTOCOL_CHAIN_BROKEN. */
export const newestVersion = async (context: Context): Promise<number> => {
  const { state, stateRoot, signal } = context
  const newest = await findNewest((version) =>
    context.retry('read the commit log', async () => {
      return (await state.head(commitPath(stateRoot, version), signal)) !== undefined
    }),
  )
  const after = newest === 0 ? undefined : commitPath(stateRoot, newest)
  const beyond = await context.retry('list the commit log', async () => {
    const versions: number[] = []
    for await (const { path } of state.list(commitsRoot(stateRoot), after, signal)) {
      const version = versionOfCommitPath(path)
      if (version !== undefined) versions.push(version)
    }
    return versions
  })
  const decision = decideBeyond(newest, beyond)
  if (decision.kind === 'gap')
    throw chainBroken(
      commitPath(stateRoot, decision.missing),
      `commit ${decision.missing} is missing, commit ${beyond.at(-1)} exists`,
    )
  return decision.version
}

/** Throws ENG_PROTOCOL_CHAIN_BROKEN unless `link` follows from `parent`. */
export const assertFollows = (context: Context, parent: Link | Instance, link: Link): void => {
  const decision = context.rules.decideChain('record' in parent ? parent : { first: parent.sha256 }, link.record)
  if (decision.kind === 'broken') throw chainBroken(commitPath(context.stateRoot, link.record.version), decision.why)
}

/** Links `from` … `to` in order, each checked against the one before it (the first against its own parent). */
export async function* readChain(
  context: Context,
  instance: Instance,
  from: number,
  to: number,
): AsyncGenerator<Link, void, undefined> {
  const ahead = 16
  let parent: Link | Instance = from > 1 ? await mustReadLink(context, from - 1) : instance
  for (let start = from; start <= to; start += ahead) {
    const versions = Array.from({ length: Math.min(ahead, to - start + 1) }, (_, index) => start + index)
    for (const link of await mapPool(versions, ahead, (version) => mustReadLink(context, version))) {
      assertFollows(context, parent, link)
      yield link
      parent = link
    }
  }
}

export const isMarked = (context: Context, version: number): Promise<boolean> =>
  context.retry('read the commit log', async () => {
    return (await context.state.head(publishedPath(context.stateRoot, version), context.signal)) !== undefined
  })
