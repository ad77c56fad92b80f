import type { CreateStreamNode } from '../sql/ast.ts'
import type { BindContext } from './bind-select.ts'
import type { SourcePlan } from './consumption-plan.ts'
import { resolvePath } from './location.ts'
import { optionOf, textOption } from './option-values.ts'

const EMBEDDED = 'embedded:'

const BROKER = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/

const word = <W extends string>(text: string | undefined, words: readonly W[], otherwise: W): W =>
  words.find((candidate) => candidate === text?.toLowerCase()) ?? otherwise

/** Where a stream's records come from: brokers, or a topic log in a folder. */
export const bindSource = (node: CreateStreamNode, { problems, cwd }: BindContext): SourcePlan | undefined => {
  const { kind, options, span } = node.source
  if (kind.name.toUpperCase() !== 'KAFKA') {
    problems.error('ENG_SQL_UNSUPPORTED', kind.span, `FROM ${kind.name} is not supported yet: KAFKA is`)
    return undefined
  }
  const future = optionOf(options, 'max_future')
  if (future !== undefined) problems.error('ENG_SQL_UNSUPPORTED', future.name.span, 'max_future is not supported yet')
  const topic = textOption(options, 'topic')
  const brokers = textOption(options, 'brokers')
  if (topic === undefined || brokers === undefined) {
    problems.error(
      'ENG_SQL_OPTION_MISSING',
      span,
      `KAFKA needs the option ${topic === undefined ? 'topic' : 'brokers'}`,
    )
    return undefined
  }
  const place = optionOf(options, 'brokers')?.value.span ?? span
  const common = {
    topic,
    start: word(textOption(options, 'start'), ['earliest', 'latest'], 'earliest'),
    onDataLoss: word(textOption(options, 'on_data_loss'), ['fail', 'skip'], 'fail'),
  }
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
    const hint = 'Kafka allows letters, digits, dot, underscore and hyphen, 249 of them at most.'
    problems.error(
      'ENG_SQL_OPTION_VALUE',
      optionOf(options, 'topic')?.value.span ?? span,
      `no topic can be named '${topic}'`,
      hint,
    )
  }
  if (brokers.startsWith(EMBEDDED)) {
    const folder = brokers.slice(EMBEDDED.length)
    if (folder === '')
      problems.error('ENG_SQL_OPTION_VALUE', place, 'embedded: needs a folder', "brokers = 'embedded:.millrace/topics'")
    return { kind: 'topiclog', directory: resolvePath(cwd, folder), ...common }
  }
  const list = brokers.split(',').map((broker) => broker.trim())
  const wrong = list.find((broker) => !BROKER.test(broker))
  if (wrong !== undefined) {
    const hint = "Write host:port entries with commas between, or 'embedded:DIR'."
    problems.error('ENG_SQL_OPTION_VALUE', place, `'${wrong}' is not host:port`, hint)
  }
  const group = textOption(options, 'group')
  const clientId = textOption(options, 'client_id') ?? 'millrace'
  return { kind: 'kafka', brokers: list, clientId, ...(group === undefined ? {} : { group }), ...common }
}
