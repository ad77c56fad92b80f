import type { StorageAdapter, StoragePath } from '@millrace/storage'
import { assert, MillraceError } from '../../core/errors/index.ts'
import { encodeRecord, parseInstance, sha256Of } from '../codec.ts'
import { instancePath, pipelineRoot } from '../layout.ts'
import { parentOf } from '../names.ts'
import type { CommittedFile, CommitRecord } from '../records.ts'
import type { TargetStore } from '../types.ts'
import type { Context } from './context.ts'
import { readIfPresent } from './create-record.ts'

/** Who writes: fixed when the state was created. */
export interface Instance {
  readonly id: string
  /** Hash of the instance record: parent of version 1. */
  readonly sha256: string
}

export const readInstance = async (context: Context): Promise<Instance | undefined> => {
  const path = instancePath(context.stateRoot)
  const bytes = await readIfPresent(context, context.state, path)
  return bytes === undefined ? undefined : instanceOf(context, bytes)
}

export const instanceOf = (context: Context, bytes: Uint8Array): Instance => ({
  id: parseInstance(bytes, { path: instancePath(context.stateRoot), pipeline: context.pipeline }).instance,
  sha256: sha256Of(bytes),
})

export const instanceBytes = (context: Context): Uint8Array =>
  encodeRecord({ format: 1, pipeline: context.pipeline, instance: context.random.hex(4) })

/** The pipeline's own folder in a table's store: the owner record and what is staged for the table. */
export const targetSide = (context: Context, target: TargetStore): StoragePath =>
  pipelineRoot(parentOf(target.root), context.pipeline)

export interface Side {
  readonly store: StorageAdapter
  readonly root: StoragePath
}

/** Every folder of this pipeline, once: that of the state first, then those beside tables. */
export const allSides = (context: Context): readonly Side[] => {
  const sides: Side[] = [{ store: context.state, root: context.stateRoot }]
  for (const target of context.targets.values()) {
    const root = targetSide(context, target)
    if (!sides.some((side) => side.root === root && side.store === target.store))
      sides.push({ store: target.store, root })
  }
  return sides
}

export const targetOf = (context: Context, table: string): TargetStore => {
  const target = context.targets.get(table)
  assert(target !== undefined, `No store was given for table ${table}`)
  return target
}

/** A committed file and the store that it is in. */
export interface PlacedFile {
  readonly store: StorageAdapter
  readonly file: CommittedFile
}

/** All files of a commit with their stores. Throws ENG_STORE_REFUSED for a table that no store was given for. */
export const placedFiles = (context: Context, record: CommitRecord): readonly PlacedFile[] => {
  const inState = [...record.state, ...record.deadLetters].map((file) => ({ store: context.state, file }))
  const inTables = record.files.map((file) => {
    const target = context.targets.get(file.of)
    if (target === undefined)
      throw new MillraceError(
        'ENG_STORE_REFUSED',
        `Commit ${record.version} writes to table ${file.of}, which this run has no place for`,
        { path: file.target, hint: 'Keep the table in the file until its last commit is published.' },
      )
    return { store: target.store, file }
  })
  return [...inState, ...inTables]
}
