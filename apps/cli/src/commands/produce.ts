import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { MillraceError } from '@millrace/engine'
import { didYouMean } from '@millrace/engine/core/suggest.ts'
import type { Messages, ProduceMessage, ProduceSummary } from '@millrace/engine/sources/produce/index.ts'
import { ProgressBar } from '../output/progress-bar.ts'
import { secretsOf } from '../output/redact.ts'
import { jsonText, parseFormat } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { counted, formatBytes, formatCount, formatDuration, parseCount, parseShare } from '../output/units.ts'
import { parseSets } from '../project/sets.ts'
import { readSettings } from '../project/settings.ts'

export interface ProduceCommandOptions {
  readonly topic: string
  readonly brokers?: string
  readonly set?: readonly string[]
  readonly count?: string
  readonly rate?: string
  readonly seed: string
  readonly bad: string
  readonly duplicates: string
  readonly partitions: string
  readonly format?: string
}

const GENERATORS = ['books', 'events', '-'] as const
const EMBEDDED = 'embedded:'
const DEFAULT_BROKERS = `${EMBEDDED}.millrace/topics`

/** `millrace produce`: generated messages, or lines of stdin, to Kafka or to an embedded log. */
export const produce = async (
  terminal: Terminal,
  generator: string,
  options: ProduceCommandOptions,
): Promise<number> => {
  const sets = parseSets(options.set)
  const settings = readSettings(process.cwd())
  const brokers =
    options.brokers ?? sets['KAFKA'] ?? process.env['KAFKA'] ?? settings.variables['KAFKA'] ?? DEFAULT_BROKERS
  terminal.hide(secretsOf({ ...sets, brokers }))
  const format = options.format === undefined ? undefined : parseFormat(options.format)
  const count = options.count === undefined ? undefined : parseCount('--count', options.count)
  const messages = await messagesOf(generator, options)
  const stop = new AbortController()
  const onSignal = (): void => (stop.signal.aborted ? process.exit(1) : stop.abort())
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const bar = terminal.isInteractive ? new ProgressBar(terminal) : undefined
  const began_ms = performance.now()
  const shared = {
    topic: options.topic,
    partitions: parseCount('--partitions', options.partitions, 1),
    signal: stop.signal,
    onProgress: (sofar: ProduceSummary) => bar?.update(sofar.messages, count ?? sofar.messages, 0),
    ...(count === undefined ? {} : { count }),
    ...(options.rate === undefined ? {} : { rate: parseCount('--rate', options.rate, 1) }),
  }
  const { produceToKafka, produceToLog } = await import('@millrace/engine/sources/produce/index.ts')
  const summary = brokers.startsWith(EMBEDDED)
    ? await produceToLog({ ...shared, directory: resolve(settings.folder, brokers.slice(EMBEDDED.length)) }, messages)
    : await produceToKafka({ ...shared, brokers: brokers.split(',').map((broker) => broker.trim()) }, messages)
  bar?.clear()
  const took_ms = performance.now() - began_ms
  if (format === 'json') terminal.data(jsonText({ topic: options.topic, ...summary, took_ms: Math.round(took_ms) }))
  const rate = formatCount(Math.round((summary.messages / Math.max(1, took_ms)) * 1_000))
  terminal.say(
    `${counted(summary.messages, 'message')}, ${formatBytes(summary.bytes)} to ${options.topic} in ${formatDuration(took_ms)}, ${rate}/s`,
  )
  return 0
}

const messagesOf = async (generator: string, options: ProduceCommandOptions): Promise<Messages> => {
  if (generator === '-') return linesOf(process.stdin)
  const shape = {
    seed: parseCount('--seed', options.seed),
    bad: parseShare('--bad', options.bad),
    duplicates: parseShare('--duplicates', options.duplicates),
  }
  if (generator !== 'books' && generator !== 'events') {
    throw new MillraceError('ENG_CLI_USAGE', `There is no generator ${generator}`, {
      hint: didYouMean(generator, GENERATORS) ?? 'The generators are books and events; - reads lines from stdin.',
    })
  }
  const { books, events } = await import('@millrace/testkit/generators')
  return generator === 'books' ? books(shape) : events(shape)
}

/** A message per line, without a key. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<ProduceMessage> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    yield { key: null, value: Buffer.from(line) }
  }
}
