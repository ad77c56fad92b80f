import { join, resolve } from 'node:path'
import type { ConsumptionPlan } from '@millrace/engine/plan/consumption-plan.ts'
import { pipelineRoot, stateRootOf, type TargetStore } from '@millrace/engine/protocol/index.ts'
import {
  type Location,
  type OpenStorageOptions,
  openStorage,
  parseLocation,
  type StorageAdapter,
  type StoragePath,
  storeOf,
} from '@millrace/storage'

/** Where a pipeline's state and tables lie: docs/protocol.md, Layout. */
export interface PipelinePlace {
  readonly state: StorageAdapter
  readonly stateRoot: StoragePath
  readonly targets: ReadonlyMap<string, TargetStore>
  /** Local folder for temporary files: on the disk of the state where that is local, so that staging needs no copy. */
  readonly workRoot: string
  /** For people. */
  readonly stateUri: string
}

/** A pipeline without a table (console, memory) keeps its state here, below the working folder. */
const STATE_OF_TABLELESS = '.millrace/state'
/** Temporary files of a pipeline whose state is remote lie here, below the working folder. */
const WORK_OF_REMOTE = '.millrace/work'

/** Opens the stores of a pipeline; touches none. Throws StorageError for what is no location. */
export const placePipeline = (
  plan: ConsumptionPlan,
  options: { readonly state?: string; readonly cwd: string; readonly storage: OpenStorageOptions },
): PipelinePlace => {
  const opened = new Map<string, StorageAdapter>()
  const open = (location: Location): StorageAdapter => {
    const store = opened.get(storeOf(location)) ?? openStorage(location, options.storage)
    opened.set(storeOf(location), store)
    return store
  }
  const targets = new Map<string, TargetStore>()
  for (const { target } of plan.outputs) {
    if (target.kind !== 'table' || targets.has(target.name)) continue
    const location = parseLocation(target.location, options.cwd)
    targets.set(target.name, { store: open(location), root: location.name })
  }
  const first = [...targets.values()][0]
  const given = options.state ?? (first === undefined ? STATE_OF_TABLELESS : undefined)
  const at = given === undefined ? undefined : parseLocation(given, options.cwd)
  const state = at === undefined ? first!.store : open(at)
  const stateRoot = at === undefined ? stateRootOf(first!.root, plan.pipeline) : pipelineRoot(at.name, plan.pipeline)
  const folder = state.scheme === 'file' ? state.location.replace(/^file:\/\//, '') : WORK_OF_REMOTE
  return {
    state,
    stateRoot,
    targets,
    workRoot: resolve(options.cwd, join(folder, stateRoot)),
    stateUri: `${state.location}/${stateRoot}`,
  }
}
