import { type StagedObject, type StorageAdapter, StorageError, type StoragePath } from '@millrace/storage'
import { assert } from '../../core/errors/index.ts'
import { encodeRecord, sha256Of } from '../codec.ts'
import type { Link } from '../decide/chain.ts'
import { decidePositions, type PositionsDecision } from '../decide/positions.ts'
import { dataFilePath, deadLetterPath, stagingPath, stateFilePath } from '../layout.ts'
import type { CommitRecord, CommittedFile, CommittedState } from '../records.ts'
import type { CommitDraft, DraftFile, DraftStateFile, StagedBatch } from '../types.ts'
import type { Context } from './context.ts'
import { mapPool } from './pool.ts'
import { type Instance, targetOf, targetSide } from './state.ts'

interface StageTask {
  readonly store: StorageAdapter
  readonly stagingDir: StoragePath
  readonly target: StoragePath
  readonly draft: DraftFile
}

export interface Worker {
  readonly instance: Instance
  readonly epoch: number
}

/** A failed upload is never written over: it may still be landing. Each try has an attempt name of its own. */
const stageFile = (context: Context, attempt: string, task: StageTask): Promise<StagedObject> => {
  let tries = 0
  return context.retry(`stage ${task.target}`, async () => {
    const name = tries++ === 0 ? attempt : `${attempt}r${tries}`
    const { path, bytes, sha256 } = task.draft
    const staged = await task.store.stage({ path, bytes, sha256 }, task.target, task.stagingDir, name, context.signal)
    if (staged.bytes !== bytes || staged.sha256 !== sha256)
      throw new StorageError('corrupt', task.target, 'what was staged is not what the batch wrote')
    return staged
  })
}

const tasksOf = (context: Context, instance: string, version: number, draft: CommitDraft): readonly StageTask[] => {
  const inState = { store: context.state, stagingDir: stagingPath(context.stateRoot, version) }
  const { pipeline, stateRoot } = context
  return [
    ...draft.tables.map((file, n) => {
      const target = targetOf(context, file.of)
      return {
        store: target.store,
        stagingDir: stagingPath(targetSide(context, target), version),
        target: dataFilePath(target.root, file.partition, { pipeline, instance, version, n }),
        draft: file,
      }
    }),
    ...draft.deadLetters.map((file, n) => ({ ...inState, target: deadLetterPath(stateRoot, version, n), draft: file })),
    ...draft.state.map((file) => ({ ...inState, target: stateFilePath(stateRoot, file, version), draft: file })),
  ]
}

interface Staged {
  readonly worker: Worker
  readonly parent: Link | undefined
  readonly draft: CommitDraft
  readonly version: number
  readonly attempt: string
  readonly positions: Extract<PositionsDecision, { readonly kind: 'ok' }>
  /** In the order of `tasksOf`: tables, dead letters, state. */
  readonly objects: readonly StagedObject[]
}

const recordOf = (context: Context, staged: Staged): CommitRecord => {
  const { worker, parent, draft, version, positions } = staged
  const committed = (index: number, file: DraftFile, of: string): CommittedFile => {
    const { handle, target } = staged.objects[index] as StagedObject
    return { staged: handle, target, rows: file.rows, bytes: file.bytes, sha256: file.sha256, of }
  }
  const deadFrom = draft.tables.length
  const stateFrom = deadFrom + draft.deadLetters.length
  const stateBase = context.rules.stateBaseOf(version, parent?.record.stateBase, {
    stateSnapshot: draft.stateSnapshot,
    stateFiles: draft.state.length,
  })
  const stateFile = (file: DraftStateFile, index: number): CommittedState => ({
    ...committed(stateFrom + index, file, 'state'),
    stream: file.stream,
    bucket_start_ms: file.bucket_start_ms,
    bucket_end_ms: file.bucket_end_ms,
    kind: file.kind,
  })
  const schemas = { ...parent?.record.schemas, ...draft.schemas }
  return {
    format: 1,
    kind: 'batch',
    pipeline: context.pipeline,
    version,
    attempt: staged.attempt,
    epoch: worker.epoch,
    instance: worker.instance.id,
    parentSha256: parent?.sha256 ?? worker.instance.sha256,
    fingerprint: draft.fingerprint,
    start: positions.start,
    end: positions.end,
    topicIds: draft.topicIds,
    counts: draft.counts,
    ...(Object.keys(schemas).length === 0 ? {} : { schemas }),
    files: draft.tables.map((file, index) => ({ ...committed(index, file, file.of), partition: file.partition })),
    deadLetters: draft.deadLetters.map((file, index) => committed(deadFrom + index, file, 'dead_letters')),
    state: draft.state.map(stateFile),
    stateSnapshot: draft.stateSnapshot,
    ...(stateBase === undefined ? {} : { stateBase }),
    droppedBuckets: draft.droppedBuckets,
    recordTimes_ms: draft.recordTimes_ms,
    ...(positions.gaps.length === 0 ? {} : { gaps: positions.gaps }),
    removes: [],
    batchTime: draft.batchTime,
    ...(context.host === undefined ? {} : { host: context.host }),
  }
}

/** Uploads all files of a batch where no reader sees them, and writes down the record that would commit them. */
export const stageBatch = async (
  context: Context,
  worker: Worker,
  parent: Link | undefined,
  draft: CommitDraft,
): Promise<StagedBatch> => {
  const version = (parent?.record.version ?? 0) + 1
  const positions = decidePositions(parent?.record.end, { mayHaveGaps: false, ...draft })
  assert(positions.kind === 'ok', `Batch ${version}: ${positions.kind === 'ok' ? '' : positions.why}`)
  const attempt = context.rules.nameAttempt(worker.epoch, context.random.hex(8))
  const tasks = tasksOf(context, worker.instance.id, version, draft)
  assert(new Set(tasks.map(({ target }) => target)).size === tasks.length, `Batch ${version} writes one file twice`)

  await context.crashpoint('before-stage')
  let done = 0
  const objects = await mapPool(tasks, context.concurrency, async (task) => {
    const object = await stageFile(context, attempt, task)
    if (++done === 1) await context.crashpoint('after-first-stage')
    return object
  })
  await context.crashpoint('after-stage')

  const record = recordOf(context, { worker, parent, draft, version, attempt, positions, objects })
  const bytes = encodeRecord(record)
  return { record, bytes, sha256: sha256Of(bytes) }
}
