import { existsSync } from 'node:fs'
import { MillraceError } from '@millrace/engine'
import { didYouMean } from '@millrace/engine/core/suggest.ts'
import type { ConsumptionPlan } from '@millrace/engine/plan/consumption-plan.ts'
import {
  type CommitRecord,
  type Crashpoint,
  openPipelineLog,
  type PipelineLog,
} from '@millrace/engine/protocol/index.ts'
import { systemClock, systemRandom } from '@millrace/engine/runtime/system.ts'
import type { StorageAdapter, StoragePath } from '@millrace/storage'
import type { Terminal } from '../output/terminal.ts'
import { type FileOptions, type LoadedFile, loadFile } from './load.ts'
import { type PipelinePlace, placePipeline } from './place.ts'

/** A pipeline of a file as those see it who only look: its log is read and never claimed. */
export interface KnownPipeline {
  readonly plan: ConsumptionPlan
  readonly place: PipelinePlace
  readonly log: PipelineLog
}

export interface Known {
  readonly loaded: LoadedFile
  readonly pipelines: readonly KnownPipeline[]
}

/** The pipelines of a compiled file. */
export const knownPipelines = (loaded: LoadedFile, crashpoint?: Crashpoint): readonly KnownPipeline[] =>
  loaded.program.pipelines.map((plan) => {
    const place = placePipeline(plan, { ...loaded, cwd: process.cwd() })
    const log = openPipelineLog({
      pipeline: plan.pipeline,
      state: place.state,
      stateRoot: place.stateRoot,
      targets: place.targets,
      clock: systemClock,
      random: systemRandom,
      logger: { log: () => {} },
      // Who looks does not wait for a store that is down.
      retry: { giveUpAfter_ms: 5_000 },
      ...(crashpoint === undefined ? {} : { crashpoint }),
    })
    return { plan, place, log }
  })

/**
 * The pipelines that a command is about: `[FILE] [PIPELINE]`, where a first word that is no file is a pipeline's name.
 * Throws ENG_CLI_NOTHING_FOUND.
 */
export const lookAt = async (
  terminal: Terminal,
  file: string | undefined,
  name: string | undefined,
  options: FileOptions,
  crashpoint?: Crashpoint,
): Promise<Known> => {
  const isName = name === undefined && file !== undefined && /^[\w-]+$/.test(file) && !existsSync(file)
  const loaded = await loadFile(terminal, isName ? undefined : file, options)
  const wanted = isName ? file : name
  const all = knownPipelines(loaded, crashpoint)
  if (wanted === undefined) return { loaded, pipelines: all }
  const pipelines = all.filter(({ plan }) => plan.pipeline.toLowerCase() === wanted.toLowerCase())
  if (pipelines.length > 0) return { loaded, pipelines }
  const names = all.map(({ plan }) => plan.pipeline)
  throw new MillraceError('ENG_CLI_NOTHING_FOUND', `There is no pipeline ${wanted} in ${loaded.path}`, {
    hint: didYouMean(wanted, names) ?? `Its pipelines are ${names.join(', ') || 'none'}.`,
  })
}

/** A file in a store as its commit describes it. */
export interface StoredFile {
  readonly store: StorageAdapter
  readonly path: StoragePath
  readonly bytes: number
  /** Empty for files that no commit names. */
  readonly sha256: string
  /** What the path begins with before partitions begin. */
  readonly root: StoragePath
}

export interface CommittedFiles {
  /** By table name. */
  readonly tables: ReadonlyMap<string, readonly StoredFile[]>
  readonly deadLetters: readonly StoredFile[]
}

/** Every file that the log says is there now, in the order of its commits. */
export const committedFiles = async ({ log, place }: KnownPipeline): Promise<CommittedFiles> => {
  const tables = new Map<string, Map<string, StoredFile>>()
  const deadLetters: StoredFile[] = []
  const take = (record: CommitRecord): void => {
    for (const { of, target, bytes, sha256 } of record.files) {
      const at = place.targets.get(of)
      if (at === undefined) continue
      const files = tables.get(of) ?? new Map<string, StoredFile>()
      tables.set(of, files.set(target, { store: at.store, path: target as StoragePath, bytes, sha256, root: at.root }))
    }
    for (const target of record.removes) for (const files of tables.values()) files.delete(target)
    for (const { target, bytes, sha256 } of record.deadLetters) {
      deadLetters.push({ store: place.state, path: target as StoragePath, bytes, sha256, root: place.stateRoot })
    }
  }
  let last: CommitRecord | undefined
  for await (const record of log.readCommits()) {
    if (last !== undefined) take(last)
    last = record
  }
  // Only the newest commit can still be on its way to being published.
  if (last !== undefined && (await log.isPublished(last.version))) take(last)
  return { tables: new Map([...tables].map(([of, files]) => [of, [...files.values()]])), deadLetters }
}
