import type { Positions } from '@millrace/engine/core/positions.ts'
import type { StreamPlan } from '@millrace/engine/plan/consumption-plan.ts'
import { distance } from '@millrace/engine/runtime/watermarks.ts'
import { openSource } from '@millrace/engine/sources/open-source.ts'
import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import type { FileOptions } from '../project/load.ts'
import { lookAt } from '../project/pipelines.ts'

const COLUMNS = [
  'pipeline',
  'version',
  'published',
  'last_commit',
  'messages',
  'rows',
  'repeats',
  'dead_letters',
  'lag',
  'epoch',
  'host',
  'plan',
  'state',
]
const SOURCE_WAIT_MS = 3_000

/** Ends of the topics, as far as their brokers answer in time. */
const latestOf = async (streams: readonly StreamPlan[]): Promise<Positions | undefined> => {
  const ends: Record<string, Record<string, string>> = {}
  for (const { source } of streams) {
    const reader = openSource(source, { onTrouble: () => {} })
    try {
      const topic = await reader.describe(AbortSignal.timeout(SOURCE_WAIT_MS))
      ends[source.topic] = Object.fromEntries(topic.partitions.map((p) => [String(p.partition), String(p.latest)]))
    } catch {
      return undefined
    } finally {
      await reader.close()
    }
  }
  return ends
}

/** `millrace status`: where each pipeline is. A lag of null: the brokers did not answer. */
export const status = async (
  terminal: Terminal,
  file: string | undefined,
  pipeline: string | undefined,
  options: FileOptions & { readonly format?: string },
): Promise<number> => {
  const { pipelines } = await lookAt(terminal, file, pipeline, options)
  const rows: unknown[][] = []
  for (const { plan, log, place } of pipelines) {
    const latest = await latestOf(plan.streams)
    const totals = { messages: 0, written: 0, repeats: 0, deadLetters: 0 }
    for await (const record of log.readCommits()) {
      for (const counts of Object.values(record.counts)) {
        totals.messages += counts.messages
        totals.written += counts.written
        totals.repeats += counts.repeats
        totals.deadLetters += counts.deadLetters
      }
    }
    const head = await log.head()
    rows.push([
      plan.pipeline,
      head?.version ?? 0,
      head === undefined ? null : await log.isPublished(head.version),
      head?.batchTime ?? null,
      totals.messages,
      totals.written,
      totals.repeats,
      totals.deadLetters,
      latest === undefined ? null : distance(head?.end ?? {}, latest),
      head?.epoch ?? null,
      head?.host ?? null,
      head === undefined ? 'new' : head.fingerprint === plan.fingerprint ? 'same' : 'changed since',
      place.stateUri,
    ])
  }
  const text = renderRows({ columns: COLUMNS.map((name) => ({ name })), rows }, parseFormat(options.format ?? 'table'))
  if (text !== '') terminal.data(text)
  return 0
}
