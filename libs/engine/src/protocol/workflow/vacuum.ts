import type { StagedObject } from '@millrace/storage'
import type { VacuumDecision } from '../decide/vacuum.ts'
import { commitPath, dataFileOwner, stagingRoot, versionOfTarget } from '../layout.ts'
import type { VacuumOptions, VacuumReport } from '../types.ts'
import { isMarked } from './commits.ts'
import type { Context } from './context.ts'
import { allSides, type Instance, type Side } from './state.ts'

/** Version of a staged object of this log; undefined for those of other pipelines and states, which are not ours to judge. */
export const versionOfStaged = (context: Context, instance: Instance, object: StagedObject): number | undefined => {
  if (object.target.startsWith(`${context.stateRoot}/`)) return versionOfTarget(object.target)
  const owner = dataFileOwner(object.target, context.pipeline)
  return owner?.instance === instance.id ? owner.version : undefined
}

export interface JudgedObject {
  readonly side: Side
  readonly object: StagedObject
  readonly version: number | undefined
  readonly decision: VacuumDecision
}

const isDecided = (context: Context, version: number): Promise<boolean> =>
  context.retry('read the commit log', async () => {
    return (await context.state.head(commitPath(context.stateRoot, version), context.signal)) !== undefined
  })

const listSide = (context: Context, side: Side): Promise<readonly StagedObject[]> =>
  context.retry(`list ${side.root}`, async () => {
    const objects: StagedObject[] = []
    for await (const object of side.store.listStaged(stagingRoot(side.root), context.signal)) objects.push(object)
    return objects
  })

/** Everything that is staged, with what may be done about it now. */
export const judgeStaged = async (context: Context, instance: Instance): Promise<readonly JudgedObject[]> => {
  const judged: JudgedObject[] = []
  const facts = new Map<number, { readonly decided: boolean; readonly published: boolean }>()
  for (const side of allSides(context)) {
    for (const object of await listSide(context, side)) {
      const version = versionOfStaged(context, instance, object)
      if (version !== undefined && !facts.has(version))
        facts.set(version, {
          decided: await isDecided(context, version),
          published: await isMarked(context, version),
        })
      const known = version === undefined ? undefined : facts.get(version)
      const decision = context.rules.decideVacuum({ version, decided: false, published: false, ...known })
      judged.push({ side, object, version, decision })
    }
  }
  return judged
}

/**
 * Deletes staged objects that no commit can need any more: losers' and dead workers' uploads. Never touches anything
 * that is published. Safe beside running workers (I3).
 */
export const vacuumStaged = async (
  context: Context,
  instance: Instance,
  options: VacuumOptions = {},
): Promise<VacuumReport> => {
  const dryRun = options.dryRun ?? false
  await context.crashpoint('before-vacuum')
  const deleted: { path: string; version: number; bytes: number }[] = []
  const kept: VacuumReport['kept'][number][] = []
  for (const { side, object, version, decision } of await judgeStaged(context, instance)) {
    if (decision.kind === 'keep') {
      kept.push({ path: object.handle, reason: decision.reason })
      continue
    }
    if (!dryRun) {
      await context.crashpoint('before-vacuum-discard')
      await context.retry(`discard ${object.handle}`, () => side.store.discard(object, context.signal))
      if (deleted.length === 0) await context.crashpoint('mid-vacuum')
    }
    deleted.push({ path: object.handle, version: version ?? 0, bytes: object.bytes })
  }
  await context.crashpoint('after-vacuum')
  return { dryRun, deleted, kept, bytes: deleted.reduce((sum, { bytes }) => sum + bytes, 0) }
}
