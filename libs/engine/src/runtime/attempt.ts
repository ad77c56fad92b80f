import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../core/errors/index.ts'
import type { Clock } from '../core/ports.ts'
import { type Positions, samePositions } from '../core/positions.ts'
import type { BatchOutput, Session } from '../duckdb/session-port.ts'
import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { Crashpoint } from '../protocol/crash-points.ts'
import type { CommitRecord } from '../protocol/records.ts'
import type { PipelineLog, Recovered } from '../protocol/types.ts'
import { batchRequest } from './batch-size.ts'
import { draftOf } from './draft.ts'
import type { Feed, FeedBatch, FeedStart } from './feed-port.ts'
import { unlessStopped } from './guard.ts'
import type { Report } from './progress.ts'
import { distance, Watermarks } from './watermarks.ts'
import { makeFolder } from './work-folder.ts'

export interface AttemptParts {
  readonly plan: ConsumptionPlan
  readonly log: PipelineLog
  readonly feed: Feed
  readonly session: Session
  readonly clock: Clock
  readonly crashpoint: Crashpoint
  /** Empty folder of this process, on the disk of the state where that is local. */
  readonly work: string
  readonly report: Report
  readonly once: boolean
  /** How often a batch has run out of memory in this run. */
  readonly shrink: number
  /** Fires when the batch in hand is to be the last. */
  readonly drain: AbortSignal
  /** Fires when the run is to end at once, with its reason. */
  readonly stop: AbortSignal
  /** Called after each commit. */
  readonly onCommitted: (record: CommitRecord) => void
}

export type AttemptEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'drained' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'fenced'; readonly by: number }

/** How long the offsets for lag tools may hold up the next commit. */
const ACKNOWLEDGE_MS_MAX = 2_000

/**
 * One life of a pipeline between a recovery and the next failure: recover, open, then batch after batch. While batch N
 * is staged and committed, N+1 is executed and N+2 is fetched and scanned. That is safe because the session's state and
 * the feed's position are only caches of the log: whatever happens to N, a failure ends this life and the next begins
 * with what was committed.
 */
export class Attempt {
  readonly #parts: AttemptParts
  readonly #watermarks: Watermarks
  readonly #start: FeedStart
  #version: number
  #end: Positions
  #snapshotVersion: number
  #finish: (end: AttemptEnd) => void = () => {}
  #ended: AttemptEnd | undefined
  #failure: { readonly error: unknown } | undefined
  /** The commit of the batch before the one in hand. */
  #committing: Promise<void> = Promise.resolve()
  /** Settles when the life must end before its batches do. */
  readonly #early: Promise<AttemptEnd>
  #fail: (error: unknown) => void = () => {}

  static async open(parts: AttemptParts, recovered: Recovered): Promise<Attempt> {
    const { plan, feed, session, work } = parts
    await makeFolder(work)
    const { head } = recovered
    const committed = head === undefined ? undefined : { positions: head.end, topicIds: head.topicIds }
    const [start] = await unlessStopped(
      parts,
      Promise.all([
        feed.open(parts.once ? failingWhereMissing(plan) : plan, committed),
        session.open(plan, { work }).then(() => restoreState(parts, recovered)),
      ]),
    )
    return new Attempt(parts, recovered, start)
  }

  private constructor(parts: AttemptParts, recovered: Recovered, start: FeedStart) {
    const { head } = recovered
    this.#parts = parts
    this.#start = start
    this.#version = head?.version ?? 0
    this.#end = head?.end ?? start.positions
    this.#snapshotVersion = recovered.snapshotVersion
    const future_ms_max = parts.plan.limits.record_time_future_ms_max
    this.#watermarks = new Watermarks(parts.plan.streams, head?.recordTimes_ms, future_ms_max)
    this.#early = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    this.#early.catch((error: unknown) => {
      this.#failure = { error }
    })
    parts.report({
      kind: 'started',
      pipeline: parts.plan.pipeline,
      version: this.#version,
      epoch: recovered.epoch,
      backlog: distance(this.#end, start.latest),
    })
  }

  /** Runs batches until there are no more, the drain, a lost race, or an error, which is thrown. */
  async run(): Promise<AttemptEnd> {
    const { drain, stop, feed } = this.#parts
    const onDrain = () => feed.interrupt()
    const onStop = () => this.#fail(stop.reason)
    drain.addEventListener('abort', onDrain)
    stop.addEventListener('abort', onStop)
    if (stop.aborted) onStop()
    try {
      await this.#loop()
      await this.#orEnd(this.#committing)
      if (this.#failure !== undefined) throw this.#failure.error
      return this.#ended ?? { kind: this.#isAtEnd() ? 'done' : 'drained' }
    } catch (error) {
      // The batch before the one that failed is whole: it is committed before this life is torn down.
      await this.#orEnd(this.#committing).catch(() => undefined)
      throw error
    } finally {
      drain.removeEventListener('abort', onDrain)
      stop.removeEventListener('abort', onStop)
    }
  }

  async #loop(): Promise<void> {
    const { drain, plan, once } = this.#parts
    let fetching = drain.aborted ? undefined : this.#fetch(true)
    while (fetching !== undefined) {
      const batch: FeedBatch | 'ended' = await this.#orEnd(fetching)
      if (batch === 'ended') return
      fetching = undefined
      const last = batch.done || drain.aborted
      const waits = !once && plan.trigger.kind === 'every' && distance(batch.end, batch.latest) === 0
      if (!last && !waits) fetching = this.#fetch(false)
      if ((await this.#orEnd(this.#execute(batch))) === 'ended' || drain.aborted) return
      if (!waits || last) continue
      if ((await this.#orEnd(this.#committing.then(() => this.#nextTick()))) === 'ended' || drain.aborted) return
      fetching = this.#fetch(false)
    }
  }

  #isAtEnd(): boolean {
    return this.#parts.once && distance(this.#end, this.#start.latest) === 0
  }

  /** Waits for a step, unless the life ends first. */
  async #orEnd<T>(step: Promise<T>): Promise<T | 'ended'> {
    step.catch(() => undefined)
    if (this.#failure !== undefined) throw this.#failure.error
    return Promise.race([step, this.#early.then(() => 'ended' as const)])
  }

  #fetch(first: boolean): Promise<FeedBatch> {
    const { plan, once, shrink, feed } = this.#parts
    const fetched = feed.next(batchRequest(plan.limits, first, shrink, once ? this.#start.latest : undefined))
    fetched.catch(() => undefined)
    return fetched
  }

  async #execute(batch: FeedBatch): Promise<void> {
    const { plan, session, feed, clock, crashpoint, work } = this.#parts
    if (samePositions(batch.end, this.#end)) {
      assert(
        batch.segments.every((segment) => segment.messages === 0),
        'a batch with messages moves the positions',
      )
      feed.release(batch.segments.map((segment) => segment.id))
      return
    }
    const version = ++this.#version
    const start = this.#end
    this.#end = batch.end
    const directory = join(work, `batch-${version}`)
    await makeFolder(directory)
    await crashpoint('before-execute')
    const began_ms = clock.monotonic_ms()
    const batchTime_ms = clock.now_ms()
    const snapshot =
      plan.streams.some((stream) => stream.dedup) &&
      version - this.#snapshotVersion >= plan.limits.dedup_snapshot_versions_max
    const watermarks_ms = this.#watermarks.current(batchTime_ms)
    const { segments } = batch
    const output = await session.execute({
      version: String(version),
      batchTime_ms,
      directory,
      segments,
      watermarks_ms,
      snapshot,
    })
    feed.release(segments.map((segment) => segment.id))
    this.#watermarks.observe(batch)
    if (snapshot) this.#snapshotVersion = version
    const draft = draftOf(plan, output, {
      start,
      end: batch.end,
      topicIds: this.#start.topicIds,
      recordTimes_ms: this.#watermarks.recordTimes(),
      batchTime: new Date(batchTime_ms).toISOString(),
      stateSnapshot: snapshot,
    })
    await crashpoint('after-execute')
    const sql_ms = clock.monotonic_ms() - began_ms
    await this.#committing
    this.#committing = this.#commit(batch, output, draft, sql_ms, directory)
    this.#committing.catch((error: unknown) => this.#fail(error))
  }

  async #commit(
    batch: FeedBatch,
    output: BatchOutput,
    draft: ReturnType<typeof draftOf>,
    sql_ms: number,
    directory: string,
  ): Promise<void> {
    const { log, clock, crashpoint, feed, onCommitted, plan, report } = this.#parts
    const began_ms = clock.monotonic_ms()
    const outcome = await log.commit(draft)
    if (outcome.kind !== 'won') {
      this.#ended = outcome.kind === 'lost' ? { kind: 'lost' } : outcome
      this.#finish(this.#ended)
      // Never settles: nothing may follow a lost batch in this life.
      return new Promise(() => {})
    }
    const { record } = outcome
    report({
      kind: 'batch',
      pipeline: plan.pipeline,
      version: record.version,
      time_ms: clock.now_ms(),
      messages: sum(batch.segments, (segment) => segment.messages),
      bytesRead: sum(batch.segments, (segment) => segment.bytes),
      rows: sum(output.rowsWritten, (rows, i) => (plan.outputs[i]?.target.kind === 'table' ? rows : 0)),
      files: output.tables.length,
      bytesWritten: sum(output.tables, (file) => file.bytes),
      counts: record.counts,
      lag: distance(batch.end, batch.latest),
      phases_ms: {
        read: batch.phases_ms.fetch,
        scan: batch.phases_ms.scan,
        sql: sql_ms,
        commit: clock.monotonic_ms() - began_ms,
      },
      sqlPhases_ms: output.phases_ms,
    })
    for (const { output: index, columns, rows, truncated } of output.shown) {
      const target = plan.outputs[index]!.target.name
      report({ kind: 'shown', pipeline: plan.pipeline, target, columns, rows, truncated })
    }
    onCommitted(record)
    await crashpoint('before-ack')
    const tooLong = new AbortController()
    const patience = clock.sleep(ACKNOWLEDGE_MS_MAX, tooLong.signal).catch(() => undefined)
    await Promise.race([feed.acknowledge(batch.end).catch(() => undefined), patience])
    tooLong.abort()
    await crashpoint('after-ack')
    await rm(directory, { recursive: true, force: true })
  }

  /** The next multiple of the interval, so that a restart keeps the rhythm. */
  async #nextTick(): Promise<void> {
    const { plan, clock, drain } = this.#parts
    if (plan.trigger.kind !== 'every' || drain.aborted) return
    const { interval_ms } = plan.trigger
    await clock.sleep(interval_ms - (clock.now_ms() % interval_ms), drain).catch(() => undefined)
  }
}

const sum = <T>(values: readonly T[], of: (value: T, index: number) => number): number =>
  values.reduce((total, value, index) => total + of(value, index), 0)

/** A run that reads what is there and ends has nothing to wait for where there is no topic. */
const failingWhereMissing = (plan: ConsumptionPlan): ConsumptionPlan => ({
  ...plan,
  streams: plan.streams.map((stream) => ({ ...stream, source: { ...stream.source, whenMissing: 'fail' as const } })),
})

const restoreState = async ({ log, session, work, plan }: AttemptParts, recovered: Recovered): Promise<void> => {
  if (recovered.state.length === 0) return
  const known = new Set(plan.streams.filter((stream) => stream.dedup).map((stream) => stream.name))
  const folder = join(work, 'restore')
  await makeFolder(folder)
  const files: Parameters<Session['restore']>[0][number][] = []
  for (const [index, live] of recovered.state.entries()) {
    const { stream, bucket_start_ms, bucket_end_ms, kind } = live.file
    if (!known.has(stream)) continue
    const path = join(folder, `${index}.parquet`)
    await log.downloadState(live, path)
    files.push({ path, file: { stream, bucket_start_ms, bucket_end_ms, kind } })
  }
  await session.restore(files)
  await rm(folder, { recursive: true, force: true })
}
