import { hostname } from 'node:os'
import { MillraceError } from '@millrace/engine'
import type { ConsumptionPlan } from '@millrace/engine/plan/consumption-plan.ts'
import { crashpointFromEnv, openPipelineLog } from '@millrace/engine/protocol/index.ts'
import { type PipelineParts, type RunSummary, runPipeline } from '@millrace/engine/runtime/pipeline.ts'
import { systemClock, systemRandom } from '@millrace/engine/runtime/system.ts'
import { reportError } from '../output/report-error.ts'
import { parseFormat } from '../output/rows.ts'
import { createRunView, type RunView } from '../output/run-view.ts'
import type { Terminal } from '../output/terminal.ts'
import { parseDuration } from '../output/units.ts'
import { type FileOptions, type LoadedFile, loadFiles } from '../project/load.ts'
import { placePipeline } from '../project/place.ts'
import { startWorkers, type Workers } from '../project/workers.ts'
import { runInspections } from './inspections.ts'

export interface RunCommandOptions extends FileOptions {
  readonly once?: boolean
  readonly giveUpAfter?: string
  readonly format?: string
  readonly profile?: boolean
  readonly target: string
  readonly ui?: string | boolean
}

/** Waiting for answers costs no processor: a commit's files go at once, in as few rounds as possible. */
const REMOTE_CALLS_AT_ONCE = 32

/** `millrace run`: all pipelines of the files, at once, until they are done or stopped. */
export const run = async (
  terminal: Terminal,
  file: string | undefined,
  options: RunCommandOptions,
): Promise<number> => {
  refuseWhatIsPlanned(options)
  const format = options.format === undefined ? undefined : parseFormat(options.format)
  const giveUpAfter_ms =
    options.giveUpAfter === undefined ? undefined : parseDuration('--give-up-after', options.giveUpAfter)
  const workers = startWorkers()
  try {
    const files = await loadFiles(terminal, file, options)
    const pipelines = pipelinesOf(files)
    await runInspections(terminal, files, format)
    if (pipelines.length === 0) {
      if (files.some(({ program }) => program.inspections.length > 0)) return 0
      throw new MillraceError('ENG_CLI_NOTHING_FOUND', 'The file has no INSERT: there is nothing to run')
    }
    const drain = drainOnSignals(terminal)
    const view = createRunView(terminal, format, options.profile === true)
    const runOptions = {
      once: options.once === true,
      drain: drain.signal,
      ...(giveUpAfter_ms === undefined ? {} : { giveUpAfter_ms }),
    }
    const summaries = await Promise.all(
      pipelines.map(async (runnable) => {
        const summary = await runPipeline(partsOf(runnable, workers, view), runOptions)
        // With --once the others end by themselves; else their run must not hide that one has failed.
        if (summary.error !== undefined && options.once !== true) drain.abort()
        return summary
      }),
    )
    view.close()
    return exitStatus(terminal, summaries)
  } finally {
    await workers.close()
  }
}

const refuseWhatIsPlanned = (options: RunCommandOptions): void => {
  if (options.ui !== undefined) {
    throw new MillraceError('ENG_CLI_NOT_AVAILABLE', '--ui is not available yet: the web console is not built', {
      hint: 'millrace status shows what a pipeline does.',
    })
  }
  if (options.target === 'spark') {
    throw new MillraceError('ENG_CLI_NOT_AVAILABLE', '--target spark is not available yet: Millrace runs on DuckDB')
  }
  if (options.target !== 'duckdb') {
    throw new MillraceError('ENG_CLI_USAGE', `--target takes duckdb, not '${options.target}'`)
  }
}

interface Runnable {
  readonly plan: ConsumptionPlan
  readonly file: LoadedFile
}

const pipelinesOf = (files: readonly LoadedFile[]): readonly Runnable[] => {
  const found = new Map<string, Runnable>()
  for (const file of files) {
    for (const plan of file.program.pipelines) {
      const other = found.get(plan.pipeline)
      if (other !== undefined) {
        const message = `Pipeline ${plan.pipeline} is defined in ${other.file.path} and in ${file.path}`
        throw new MillraceError('ENG_CLI_USAGE', message, { hint: 'CREATE JOB gives a pipeline a name of its own.' })
      }
      found.set(plan.pipeline, { plan, file })
    }
  }
  return [...found.values()]
}

const partsOf = ({ plan, file }: Runnable, workers: Workers, view: RunView): PipelineParts => {
  const { state, stateRoot, targets, workRoot } = placePipeline(plan, { ...file, cwd: process.cwd() })
  const stores = [state, ...[...targets.values()].map(({ store }) => store)]
  const crashpoint = crashpointFromEnv(process.env)
  return {
    plan,
    openLog: ({ onTrouble, signal }) =>
      openPipelineLog({
        pipeline: plan.pipeline,
        state,
        stateRoot,
        targets,
        clock: systemClock,
        random: systemRandom,
        logger: { log: () => {} },
        crashpoint,
        onTrouble,
        signal,
        host: hostname(),
        ...(stores.every(({ scheme }) => scheme === 'file') ? {} : { concurrency: REMOTE_CALLS_AT_ONCE }),
      }),
    createFeed: workers.createFeed,
    createSession: workers.createSession,
    clock: systemClock,
    random: systemRandom,
    crashpoint,
    workRoot,
    report: (event) => view.report(event),
  }
}

/** The first Ctrl-C (or SIGTERM) asks for a drain; the second ends the process where it stands, which loses nothing. */
const drainOnSignals = (terminal: Terminal): AbortController => {
  const drain = new AbortController()
  const onSignal = (): void => {
    if (drain.signal.aborted) process.exit(1)
    terminal.say('Stopping: the batch in hand is finished and committed. Again to stop at once.')
    drain.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return drain
}

/** A bug outranks a fence, a fence any other failure. */
const exitStatus = (terminal: Terminal, summaries: readonly RunSummary[]): number => {
  const codes = summaries.flatMap(({ pipeline, error }) => {
    if (error === undefined) return []
    if (summaries.length > 1) terminal.say(`${pipeline}:`)
    return [reportError(terminal, error)]
  })
  return [2, 3, 1].find((code) => codes.includes(code)) ?? 0
}
