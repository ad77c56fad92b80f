import type { StoragePath } from '@millrace/storage'
import { MillraceError } from '../../core/errors/index.ts'
import { encodeRecord, parseEpoch, parseOwner } from '../codec.ts'
import { dataFileOwner, epochPath, instancePath, ownerPath } from '../layout.ts'
import type { TargetStore } from '../types.ts'
import { newestVersion } from './commits.ts'
import type { Context } from './context.ts'
import { createRecord, readIfPresent } from './create-record.ts'
import { findNewest } from './newest.ts'
import { allSides, type Instance, instanceBytes, instanceOf, readInstance, targetSide } from './state.ts'

export const probeStores = async (context: Context): Promise<void> => {
  const probed = new Set()
  for (const { store, root } of allSides(context)) {
    if (probed.has(store)) continue
    probed.add(store)
    await context.retry(`use ${store.location}`, () => store.probe(root, context.signal))
  }
}

/** The state's identity, minted by whoever comes first. */
export const claimInstance = async (context: Context): Promise<Instance> => {
  const there = await readInstance(context)
  if (there !== undefined) return there
  await context.crashpoint('before-instance')
  const mine = instanceBytes(context)
  const created = await createRecord(context, context.state, instancePath(context.stateRoot), mine)
  await context.crashpoint('after-instance')
  return instanceOf(context, created.kind === 'mine' ? mine : created.bytes)
}

const stateAt = (context: Context): string => `${context.state.location}/${context.stateRoot}`

const refuseOtherOwner = (
  context: Context,
  instance: Instance,
  table: string,
  path: string,
  bytes: Uint8Array,
): void => {
  const owner = parseOwner(bytes, { path, pipeline: context.pipeline })
  // The place of the state is not compared: the same one may be reached under another name (a mount, a relative path).
  if (owner.instance === instance.id) return
  throw new MillraceError(
    'ENG_PROTOCOL_OTHER_STATE',
    `Table ${table} is written by pipeline ${context.pipeline} with its state at ${owner.state}, not at ${stateAt(context)}`,
    { path },
  )
}

/**
 * Binds every table's folder to this state. Throws ENG_PROTOCOL_OTHER_STATE where another state has one, or where rows
 * of a state that is gone are left; nothing is bound before all have been looked at.
 */
export const claimTables = async (context: Context, instance: Instance): Promise<void> => {
  const owners = [...context.targets].map(([table, target]) => ({
    table,
    store: target.store,
    path: ownerPath(targetSide(context, target)),
  }))
  for (const { table, store, path } of owners) {
    const found = await readIfPresent(context, store, path)
    if (found !== undefined) refuseOtherOwner(context, instance, table, path, found)
  }
  await refuseLeftovers(context, instance)
  const { pipeline } = context
  const bytes = encodeRecord({ format: 1, pipeline, instance: instance.id, state: stateAt(context) })
  for (const { table, store, path } of owners) {
    const created = await createRecord(context, store, path, bytes)
    if (created.kind === 'other') refuseOtherOwner(context, instance, table, path, created.bytes)
  }
  await context.crashpoint('after-owner')
}

const firstFileOf = (context: Context, target: TargetStore): Promise<StoragePath | undefined> =>
  context.retry(`list ${target.root}`, async () => {
    for await (const { path } of target.store.list(target.root, undefined, context.signal)) {
      if (dataFileOwner(path, context.pipeline) !== undefined) return path
    }
    return undefined
  })

/**
 * Before the first commit no file may bear this pipeline's name: those that do were written by a state that is gone,
 * and reading the topics from the start again would double every row of theirs. (A file of this very state may be
 * that of a worker who committed in the meantime: the caller looks at the log again.)
 */
const findLeftover = async (
  context: Context,
): Promise<{ readonly table: string; readonly path: StoragePath } | undefined> => {
  for (const [table, target] of context.targets) {
    const path = await firstFileOf(context, target)
    if (path !== undefined) return { table, path }
  }
  return undefined
}

const refuseLeftovers = async (context: Context, instance: Instance): Promise<void> => {
  if ((await newestVersion(context)) > 0) return
  const leftover = await findLeftover(context)
  if (leftover === undefined || (await newestVersion(context)) > 0) return
  const { table, path } = leftover
  throw new MillraceError(
    'ENG_PROTOCOL_OTHER_STATE',
    `Table ${table} holds files of pipeline ${context.pipeline}, but state ${instance.id} has committed none: ${path}`,
    {
      path,
      hint: 'Its state was deleted or lies elsewhere (--state). Reading again would double its rows: empty the table, restore the state, or name the pipeline anew.',
    },
  )
}

/** Takes the next epoch. Advisory: it asks older workers to stop and decides nothing. */
export const claimEpoch = async (context: Context): Promise<number> => {
  const exists = async (epoch: number): Promise<boolean> =>
    (await context.retry('read the epochs', () =>
      context.state.head(epochPath(context.stateRoot, epoch), context.signal),
    )) !== undefined
  let epoch = (await findNewest(exists)) + 1
  const worker = context.random.hex(8)
  for (;;) {
    const bytes = encodeRecord({
      format: 1,
      pipeline: context.pipeline,
      epoch,
      worker,
      ...(context.host === undefined ? {} : { host: context.host }),
    })
    const path = epochPath(context.stateRoot, epoch)
    const created = await createRecord(context, context.state, path, bytes)
    if (created.kind === 'mine') break
    parseEpoch(created.bytes, { path, epoch })
    epoch += 1
  }
  await context.crashpoint('after-epoch')
  return epoch
}

/** The newest epoch at or after `own`. */
export const newestEpoch = (context: Context, own: number): Promise<number> =>
  context.retry('read the epochs', async () => {
    let newest = own
    while ((await context.state.head(epochPath(context.stateRoot, newest + 1), context.signal)) !== undefined) newest++
    return newest
  })
