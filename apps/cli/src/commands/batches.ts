import type { CommitRecord } from '@millrace/engine/protocol/index.ts'
import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { formatBytes, parseCount } from '../output/units.ts'
import type { FileOptions } from '../project/load.ts'
import { lookAt } from '../project/pipelines.ts'

const COLUMNS = [
  'pipeline',
  'version',
  'time',
  'kind',
  'messages',
  'rows',
  'repeats',
  'dead_letters',
  'files',
  'bytes',
  'range',
]

const rangeText = ({ start, end }: CommitRecord): string =>
  Object.entries(end)
    .flatMap(([topic, partitions]) =>
      Object.entries(partitions)
        .map(([partition, to]) => [partition, start[topic]?.[partition] ?? '0', to] as const)
        .filter(([, from, to]) => from !== to)
        .map(([partition, from, to]) => `${topic}/${partition}:${from}-${to}`),
    )
    .join(' ')

/** `millrace batches`: what was committed, newest first. */
export const batches = async (
  terminal: Terminal,
  file: string | undefined,
  pipeline: string | undefined,
  options: FileOptions & { readonly format?: string; readonly limit: string },
): Promise<number> => {
  const format = parseFormat(options.format ?? 'table')
  const limit = parseCount('--limit', options.limit, 1)
  const { pipelines } = await lookAt(terminal, file, pipeline, options)
  const rows: unknown[][] = []
  for (const { plan, log } of pipelines) {
    const head = await log.head()
    if (head === undefined) continue
    const records: CommitRecord[] = []
    for await (const record of log.readCommits({ from: Math.max(1, head.version - limit + 1), to: head.version }))
      records.push(record)
    for (const record of records.reverse()) {
      const sum = (of: 'messages' | 'written' | 'repeats' | 'deadLetters') =>
        Object.values(record.counts).reduce((total, counts) => total + counts[of], 0)
      const bytes = record.files.reduce((total, one) => total + one.bytes, 0)
      rows.push([
        plan.pipeline,
        record.version,
        record.batchTime,
        record.kind,
        sum('messages'),
        sum('written'),
        sum('repeats'),
        sum('deadLetters'),
        record.files.length,
        format === 'table' ? formatBytes(bytes) : bytes,
        rangeText(record),
      ])
    }
  }
  const text = renderRows({ columns: COLUMNS.map((name) => ({ name })), rows }, format)
  if (text !== '') terminal.data(text)
  return 0
}
