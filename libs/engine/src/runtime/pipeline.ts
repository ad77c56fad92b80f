import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asMillraceError, MillraceError } from '../core/errors/index.ts'
import type { Clock, Random } from '../core/ports.ts'
import type { Session } from '../duckdb/session-port.ts'
import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { Crashpoint } from '../protocol/crash-points.ts'
import type { CommitRecord } from '../protocol/records.ts'
import type { PipelineLog } from '../protocol/types.ts'
import { Attempt, type AttemptEnd } from './attempt.ts'
import { assertContinues } from './continuity.ts'
import type { Feed, FeedEvents } from './feed-port.ts'
import { DrainedEarly, unlessStopped } from './guard.ts'
import { Patience } from './patience.ts'
import type { Report, StopReason } from './progress.ts'
import { createWorkFolder } from './work-folder.ts'

export interface LogHooks {
  readonly onTrouble: (message: string | undefined) => void
  readonly signal: AbortSignal
}

/** What one pipeline is made of. The application hands in the adapters. */
export interface PipelineParts {
  readonly plan: ConsumptionPlan
  readonly openLog: (hooks: LogHooks) => PipelineLog
  readonly createFeed: (events: FeedEvents) => Feed
  readonly createSession: () => Session
  readonly clock: Clock
  readonly random: Random
  readonly crashpoint: Crashpoint
  /** Local folder below which this run keeps its temporary files. */
  readonly workRoot: string
  readonly report: Report
}

export interface RunOptions {
  /** Read what is there at the start, then stop. */
  readonly once: boolean
  /** Absent: retry for ever, with a visible message. */
  readonly giveUpAfter_ms?: number
  /** Fires when the batch in hand is to be finished and committed, and no other begun. */
  readonly drain: AbortSignal
}

export interface RunSummary {
  readonly pipeline: string
  readonly reason: StopReason
  /** Newest version that this run has seen committed; 0: none. */
  readonly version: number
  /** Why it failed; set when `reason` is failed, lost or fenced. */
  readonly error?: MillraceError
}

/** A worker that loses so many races in a row gives way to the one that wins them. */
const LOSSES_MAX = 3
/** A batch that ran out of memory is tried again with half the budget, so many times. */
const SHRINK_MAX = 3
const RETRY_DELAY_MS_MIN = 500

/**
 * Runs one pipeline until it is done, drained, fenced or failed; never throws. What the environment breaks is retried
 * after tearing everything down and recovering from the log, so that a retry is the same as a restart.
 */
export const runPipeline = async (parts: PipelineParts, options: RunOptions): Promise<RunSummary> => {
  const supervisor = new Supervisor(parts, options)
  const summary = await supervisor.run()
  parts.report({ kind: 'stopped', pipeline: summary.pipeline, reason: summary.reason, version: summary.version })
  return summary
}

class Supervisor {
  readonly #parts: PipelineParts
  readonly #options: RunOptions
  readonly #patience: Patience
  readonly #log: PipelineLog
  #work: string | undefined
  #claimed = false
  #version = 0
  #losses = 0
  #failures = 0
  #shrink = 0

  constructor(parts: PipelineParts, options: RunOptions) {
    this.#parts = parts
    this.#options = options
    this.#patience = new Patience(parts.clock, options.giveUpAfter_ms, (message) =>
      parts.report({ kind: 'trouble', pipeline: parts.plan.pipeline, message }),
    )
    this.#log = parts.openLog({
      onTrouble: (message) => this.#patience.trouble('store', message),
      signal: this.#patience.signal,
    })
  }

  async run(): Promise<RunSummary> {
    try {
      for (let life = 1; ; life++) {
        const end = await this.#live(life)
        if (end === 'again') continue
        return this.#summary(end.kind, end.kind === 'fenced' ? this.#fenced(end.by) : undefined)
      }
    } catch (thrown) {
      const error = asMillraceError(thrown)
      return this.#summary(error.exitCode === 3 ? 'lost' : 'failed', error)
    } finally {
      this.#patience.calm()
      if (this.#work !== undefined) await rm(this.#work, { recursive: true, force: true }).catch(() => undefined)
    }
  }

  /** One life and what to do after it: its end, or again. */
  async #live(life: number): Promise<Exclude<AttemptEnd, { kind: 'lost' }> | 'again'> {
    try {
      this.#work ??= await createWorkFolder(this.#parts.workRoot, this.#parts.random.hex(4))
      const end = await this.#attempt(join(this.#work, String(life)))
      if (end.kind !== 'lost') return end
      this.#losses++
      if (this.#losses >= LOSSES_MAX) throw this.#fenced(undefined)
      const message = 'Another worker committed this batch first; going on from its commit'
      this.#parts.report({ kind: 'note', pipeline: this.#parts.plan.pipeline, message })
      return 'again'
    } catch (thrown) {
      if (thrown instanceof DrainedEarly) return { kind: 'drained' }
      await this.#retry(asMillraceError(thrown))
      return 'again'
    }
  }

  async #attempt(work: string): Promise<AttemptEnd> {
    const { plan, createFeed, createSession, clock, crashpoint, report } = this.#parts
    const feed = createFeed({ onTrouble: (message) => this.#patience.trouble('feed', message) })
    const session = createSession()
    try {
      const stops = { stop: this.#patience.signal, drain: this.#options.drain }
      const recovered = await unlessStopped(stops, this.#recover())
      const attempt = await Attempt.open(
        {
          plan,
          log: this.#log,
          feed,
          session,
          clock,
          crashpoint,
          work,
          report,
          once: this.#options.once,
          shrink: this.#shrink,
          drain: this.#options.drain,
          stop: this.#patience.signal,
          onCommitted: (record) => this.#committed(record),
        },
        recovered,
      )
      this.#patience.trouble('run', undefined)
      return await attempt.run()
    } finally {
      await Promise.allSettled([feed.close(), session.close()])
      await rm(work, { recursive: true, force: true }).catch(() => undefined)
    }
  }

  async #recover() {
    if (!this.#claimed) await this.#log.claim()
    this.#claimed = true
    const recovered = await this.#log.recover()
    this.#version = recovered.head?.version ?? 0
    if (recovered.head !== undefined) assertContinues(this.#parts.plan, recovered.head)
    return recovered
  }

  #committed(record: CommitRecord): void {
    this.#version = record.version
    this.#losses = 0
    this.#failures = 0
    this.#patience.calm()
  }

  /** Waits before another life, or throws what cannot be mended by waiting. */
  async #retry(error: MillraceError): Promise<void> {
    const { clock, random, report, plan } = this.#parts
    if (this.#patience.signal.aborted) throw this.#patience.signal.reason
    if (error.code === 'ENG_DUCKDB_OUT_OF_MEMORY' && this.#shrink < SHRINK_MAX) {
      this.#shrink++
      report({ kind: 'note', pipeline: plan.pipeline, message: `${error.message}: trying again with a smaller batch` })
      return
    }
    if (error.code === 'ENG_KAFKA_TOPIC_UNKNOWN' && this.#options.once) throw error
    if (error.spec.retryable !== true || this.#options.drain.aborted) throw error
    this.#patience.trouble('run', `${error.code}: ${error.message}`)
    const ceiling_ms = Math.min(plan.limits.retry_delay_ms_max, RETRY_DELAY_MS_MIN * 2 ** this.#failures++)
    const stop = AbortSignal.any([this.#patience.signal, this.#options.drain])
    await clock.sleep(ceiling_ms * (0.5 + random.next() / 2), stop).catch(() => undefined)
    if (this.#patience.signal.aborted) throw this.#patience.signal.reason
    if (this.#options.drain.aborted) throw error
  }

  #fenced(by: number | undefined): MillraceError {
    const { pipeline } = this.#parts.plan
    const message =
      by === undefined
        ? `Pipeline ${pipeline} lost ${LOSSES_MAX} batches in a row to another worker`
        : `Pipeline ${pipeline} was taken over by a worker with epoch ${by}`
    return new MillraceError('ENG_PROTOCOL_FENCED', message)
  }

  #summary(reason: StopReason, error?: MillraceError): RunSummary {
    const { pipeline } = this.#parts.plan
    return { pipeline, reason, version: this.#version, ...(error === undefined ? {} : { error }) }
  }
}
