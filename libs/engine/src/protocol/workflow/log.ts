import type { StoragePath } from '@millrace/storage'
import { assert, MillraceError } from '../../core/errors/index.ts'
import type { Link } from '../decide/chain.ts'
import type { CommitRecord } from '../records.ts'
import type {
  CommitDraft,
  CommitOutcome,
  DecideOutcome,
  LiveState,
  PipelineLog,
  PipelineLogOptions,
  Recovered,
  StagedBatch,
  StageOutcome,
  VacuumOptions,
  VacuumReport,
  VerifyOptions,
  VerifyReport,
} from '../types.ts'
import { claimEpoch, claimInstance, claimTables, newestEpoch, probeStores } from './claim.ts'
import { isMarked, newestVersion, readChain } from './commits.ts'
import { type Context, createContext } from './context.ts'
import { decideCommit } from './decide.ts'
import { publishCommit } from './publish.ts'
import { readHead, recoverHead } from './recover.ts'
import { stageBatch, type Worker } from './stage.ts'
import { readInstance } from './state.ts'
import { vacuumStaged } from './vacuum.ts'
import { verifyLog } from './verify.ts'

/** What a worker ends with when `fenced`: exit status 3. */
export const fencedError = (pipeline: string, by: number): MillraceError =>
  new MillraceError('ENG_PROTOCOL_FENCED', `Another worker (epoch ${by}) has taken over pipeline ${pipeline}`)

class Log implements PipelineLog {
  readonly #context: Context
  #worker: Worker | undefined
  /** `unknown` until recover, and again after a lost decision. */
  #head: { readonly link: Link | undefined } | 'unknown' = 'unknown'
  /** Newest version that this worker itself has published or found published. */
  #published = 0

  constructor(context: Context) {
    this.#context = context
  }

  async claim(): Promise<number> {
    const context = this.#context
    await probeStores(context)
    const instance = await claimInstance(context)
    await claimTables(context, instance)
    const epoch = await claimEpoch(context)
    this.#worker = { instance, epoch }
    return epoch
  }

  async recover(): Promise<Recovered> {
    const { instance, epoch } = this.#claimed()
    this.#head = 'unknown'
    const { link, state, snapshotVersion } = await recoverHead(this.#context, instance)
    this.#head = { link }
    this.#published = link?.record.version ?? 0
    return {
      epoch,
      instance: instance.id,
      ...(link === undefined ? {} : { head: link.record }),
      state,
      snapshotVersion,
    }
  }

  async downloadState({ file }: LiveState, localPath: string): Promise<void> {
    const { state, signal } = this.#context
    await this.#context.retry(`download ${file.target}`, () =>
      state.download(file.target as StoragePath, localPath, signal),
    )
  }

  async stage(draft: CommitDraft): Promise<StageOutcome> {
    const worker = this.#claimed()
    const { link } = this.#recovered()
    const fence = await this.#fence()
    if (fence.kind === 'fenced') return fence
    return { kind: 'staged', batch: await stageBatch(this.#context, worker, link, draft) }
  }

  async decide(batch: StagedBatch): Promise<DecideOutcome> {
    const { link } = this.#recovered()
    const { version } = batch.record
    assert(version === (link?.record.version ?? 0) + 1, `Batch ${version} does not follow from the head`)
    assert(this.#published === version - 1, `Commit ${version - 1} must be published before ${version} is decided (I4)`)
    const decided = await decideCommit(this.#context, batch)
    if (decided.kind === 'lost') {
      this.#head = 'unknown'
      return { kind: 'lost', winner: decided.winner.record }
    }
    this.#head = { link: decided.link }
    return { kind: 'won', record: decided.link.record }
  }

  async publish(record: CommitRecord): Promise<void> {
    const { link } = this.#recovered()
    assert(link !== undefined && record.version === link.record.version, `Commit ${record.version} is not the head`)
    await publishCommit(this.#context, link)
    this.#published = record.version
  }

  async commit(draft: CommitDraft): Promise<CommitOutcome> {
    const staged = await this.stage(draft)
    if (staged.kind === 'fenced') return staged
    const fence = await this.#fence()
    if (fence.kind === 'fenced') return fence
    const decided = await this.decide(staged.batch)
    if (decided.kind === 'won') await this.publish(decided.record)
    return decided
  }

  async head(): Promise<CommitRecord | undefined> {
    const instance = await readInstance(this.#context)
    return instance === undefined ? undefined : (await readHead(this.#context, instance))?.record
  }

  async *readCommits(range: { readonly from?: number; readonly to?: number } = {}): AsyncGenerator<CommitRecord> {
    const instance = await readInstance(this.#context)
    if (instance === undefined) return
    const newest = await newestVersion(this.#context)
    const from = Math.max(1, range.from ?? 1)
    const to = Math.min(newest, range.to ?? newest)
    if (from > to) return
    for await (const { record } of readChain(this.#context, instance, from, to)) yield record
  }

  isPublished(version: number): Promise<boolean> {
    return isMarked(this.#context, version)
  }

  verify(options?: VerifyOptions): Promise<VerifyReport> {
    return verifyLog(this.#context, options)
  }

  async vacuum(options: VacuumOptions = {}): Promise<VacuumReport> {
    const instance = await readInstance(this.#context)
    if (instance === undefined) return { dryRun: options.dryRun ?? false, deleted: [], kept: [], bytes: 0 }
    return vacuumStaged(this.#context, instance, options)
  }

  #claimed(): Worker {
    assert(this.#worker !== undefined, 'claim comes first')
    return this.#worker
  }

  #recovered(): { readonly link: Link | undefined } {
    assert(this.#head !== 'unknown', 'recover comes first, and again after a lost decision')
    return this.#head
  }

  async #fence(): Promise<{ readonly kind: 'go on' } | { readonly kind: 'fenced'; readonly by: number }> {
    const { epoch: own } = this.#claimed()
    return this.#context.rules.decideFence({ own, newest: await newestEpoch(this.#context, own) })
  }
}

/** Opens a pipeline's log without touching the stores. See {@link PipelineLog} for the order of calls. */
export const openPipelineLog = (options: PipelineLogOptions): PipelineLog => new Log(createContext(options))

/** The same over a context whose decisions may be other ones: for the simulator's mutants. */
export const openLogOver = (context: Context): PipelineLog => new Log(context)
