import type { BatchReport, ProgressEvent, StopReason } from '@millrace/engine/runtime/progress.ts'
import { counted, formatBytes, formatCount, formatDuration } from './units.ts'

/** What a pipeline did in one run, added up over its batches. */
export interface Totals {
  readonly pipeline: string
  version: number
  batches: number
  messages: number
  bytesRead: number
  rows: number
  files: number
  bytesWritten: number
  repeats: number
  deadLetters: number
  dropped: number
  lag: number
  backlog: number
  reason: StopReason | undefined
  readonly byRule: Record<string, number>
  readonly phases_ms: Record<string, number>
}

export const createTotals = (pipeline: string): Totals => ({
  pipeline,
  version: 0,
  batches: 0,
  messages: 0,
  bytesRead: 0,
  rows: 0,
  files: 0,
  bytesWritten: 0,
  repeats: 0,
  deadLetters: 0,
  dropped: 0,
  lag: 0,
  backlog: 0,
  reason: undefined,
  byRule: {},
  phases_ms: {},
})

const add = (into: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(from)) into[name] = (into[name] ?? 0) + value
}

export const addBatch = (totals: Totals, batch: BatchReport): void => {
  totals.version = batch.version
  totals.batches++
  totals.messages += batch.messages
  totals.bytesRead += batch.bytesRead
  totals.rows += batch.rows
  totals.files += batch.files
  totals.bytesWritten += batch.bytesWritten
  totals.lag = batch.lag
  for (const counts of Object.values(batch.counts)) {
    totals.repeats += counts.repeats
    totals.deadLetters += counts.deadLetters
    totals.dropped += counts.dropped
    add(totals.byRule, counts.byRule)
  }
  add(totals.phases_ms, { ...batch.phases_ms })
  add(totals.phases_ms, Object.fromEntries(Object.entries(batch.sqlPhases_ms).map(([name, ms]) => [`sql.${name}`, ms])))
}

/** `12:03:04  v128  raw_books  +50 000 rows  3 files  8.1 MB  read 0.4s scan 0.9s sql 0.6s commit 0.1s  lag 1 204` */
export const batchLine = (event: Extract<ProgressEvent, { kind: 'batch' }>, time: string): string => {
  const { phases_ms: phases } = event
  const parts = [
    time,
    `v${event.version}`,
    event.pipeline,
    `+${counted(event.rows, 'row')}`,
    counted(event.files, 'file'),
    formatBytes(event.bytesWritten),
    (['read', 'scan', 'sql', 'commit'] as const).map((name) => `${name} ${formatDuration(phases[name])}`).join(' '),
    `lag ${formatCount(event.lag)}`,
  ]
  const set = Object.values(event.counts).reduce((sum, counts) => sum + counts.deadLetters, 0)
  if (set > 0) parts.push(counted(set, 'dead letter'))
  return parts.join('  ')
}

const OUTCOMES: Readonly<Record<StopReason, string>> = {
  done: 'OK',
  drained: 'STOPPED',
  lost: 'LOST',
  fenced: 'FENCED',
  failed: 'FAILED',
}

/** A run without a commit of its own: only one that came to the end of its topics knows that there is nothing new. */
const nothingDone = ({ reason, version }: Totals): string => {
  if (reason === 'done') return version === 0 ? 'nothing to read yet' : `nothing new since v${version}`
  return version === 0 ? 'nothing committed' : `nothing committed, stays at v${version}`
}

/** The lines that close a run. */
export const summaryLines = (totals: Totals, took_ms: number): readonly string[] => {
  const rate = took_ms > 0 ? Math.round((totals.messages / took_ms) * 1_000) : 0
  const outcome = OUTCOMES[totals.reason ?? 'failed']
  if (totals.batches === 0) return [`${outcome}  ${totals.pipeline}  ${nothingDone(totals)}`]
  const lines = [
    `${outcome}  ${totals.pipeline}  v${totals.version}  ${counted(totals.messages, 'message')} → ${counted(totals.rows, 'row')} in ` +
      `${counted(totals.files, 'file')} (${formatBytes(totals.bytesWritten)}), ${formatDuration(took_ms)}, ${formatCount(rate)} messages/s`,
  ]
  const aside = [
    totals.repeats > 0 ? counted(totals.repeats, 'repeat') : '',
    totals.dropped > 0 ? `${formatCount(totals.dropped)} dropped` : '',
    totals.deadLetters > 0 ? counted(totals.deadLetters, 'dead letter') : '',
  ].filter((part) => part !== '')
  if (aside.length > 0) lines.push(`    left out: ${aside.join(', ')}`)
  const rules = Object.entries(totals.byRule).sort(([, a], [, b]) => b - a)
  for (const [rule, count] of rules) lines.push(`      ${formatCount(count).padStart(9)}  ${rule}`)
  return lines
}

/** Where the time went, over all batches; phases of different batches overlap. */
export const profileLines = (totals: Totals): readonly string[] =>
  Object.entries(totals.phases_ms).map(([phase, ms]) => `    ${phase.padEnd(16)} ${formatDuration(ms).padStart(8)}`)
