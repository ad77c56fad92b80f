import { didYouMean } from '../../core/suggest.ts'
import type { Identifier, OptionNode } from '../ast.ts'
import type { OptionSpec, OptionTable } from '../options.ts'
import { parseSize_bytes } from '../sizes.ts'
import type { Token } from '../token.ts'
import type { Cursor } from './cursor.ts'
import { readInterval } from './intervals.ts'

/** `(name = value, …)` of `owner` ("KAFKA", "FORMAT XML"), each validated against the table. */
export const readOptions = (cursor: Cursor, owner: string, table: OptionTable): readonly OptionNode[] => {
  const opening = cursor.peek()
  const items = cursor.group(`the options of ${owner}`).items()
  const options: OptionNode[] = []
  const named = new Set<string>()
  for (const item of items) {
    item.attempt(() => {
      const name = readOptionName(item, owner)
      const key = name.name.toLowerCase()
      const repeated = named.has(key)
      named.add(key)
      if (repeated) item.fail('ENG_SQL_OPTION_DUPLICATE', name.span, `The option ${name.name} is given twice.`)
      const spec = specOf(item, name, owner, table)
      item.expect('=')
      const value = readOptionValue(item, name, spec)
      item.expectEnd(`the value of ${name.name}`)
      options.push({ name: { ...name, name: key }, value })
    })
  }
  complainOfMissing(cursor, opening, owner, table, named)
  return options
}

/** What is left out, at the bracket that opens the list. `named` holds the options that are there, rightly or not. */
export const complainOfMissing = (
  cursor: Cursor,
  at: Token,
  owner: string,
  table: OptionTable,
  named: ReadonlySet<string>,
): void => {
  const missing = Object.keys(table).filter((name) => table[name]!.required && !isNamed(name, named, table))
  for (const name of missing) {
    const message = `${owner} needs the option ${name}.`
    cursor.complain('ENG_SQL_OPTION_MISSING', at, message, `${name}: ${table[name]!.doc}`)
  }
}

/** A misspelt name counts as the one that it is nearest to, so that it is not called missing as well. */
const isNamed = (name: string, named: ReadonlySet<string>, table: OptionTable): boolean =>
  named.has(name) || [...named].some((given) => table[given] === undefined && didYouMean(given, [name]) !== undefined)

const readOptionName = (cursor: Cursor, owner: string): Identifier => {
  const token = cursor.peek()
  if (token.kind === 'string') {
    const hint = "Names of options stand without quotes: topic = '…'."
    cursor.fail('ENG_SQL_OTHER_DIALECT', token, `A quoted option name is a spelling of Flink.`, hint)
  }
  return cursor.name(`the name of an option of ${owner}`, { reserved: true })
}

const FOREIGN_OPTIONS: Readonly<Record<string, string>> = {
  kafka_topic: "Write topic = '…' in FROM KAFKA (…) of CREATE STREAM.",
  value_format: 'Write FORMAT XML | JSON (options) on CREATE STREAM.',
  key_format: 'Write KEY FORMAT f (options) on CREATE STREAM.',
  connector: 'Write FROM KAFKA (…) on CREATE STREAM.',
  format: 'Write FORMAT XML | JSON (options) on CREATE STREAM; tables are Parquet.',
  path: 'Write LOCATION on CREATE TABLE.',
  location: 'Write LOCATION before WITH on CREATE TABLE.',
  'properties.bootstrap.servers': "Write brokers = '…' in FROM KAFKA (…).",
  bootstrap_servers: "Write brokers = '…' in FROM KAFKA (…).",
  auto_offset_reset: "Write start = 'earliest' or start = 'latest'.",
  startup_mode: "Write start = 'earliest' or start = 'latest'.",
  group_id: "Write group = '…'.",
}

const specOf = (cursor: Cursor, name: Identifier, owner: string, table: OptionTable): OptionSpec => {
  const key = name.name.toLowerCase()
  const spec = Object.hasOwn(table, key) ? table[key] : undefined
  if (spec?.later && spec.secret) cursor.placeSecrets(cursor.index)
  if (spec?.later) cursor.fail('ENG_SQL_UNSUPPORTED', name.span, `The option ${key} of ${owner} is not supported yet.`)
  if (spec !== undefined) return spec
  if (Object.hasOwn(FOREIGN_OPTIONS, key)) {
    const message = `${name.name} is an option of another system.`
    cursor.fail('ENG_SQL_OTHER_DIALECT', name.span, message, FOREIGN_OPTIONS[key])
  }
  const names = Object.keys(table).filter((candidate) => !table[candidate]!.later)
  const hint = didYouMean(key, names) ?? `The options of ${owner} are: ${names.join(', ')}.`
  cursor.fail('ENG_SQL_OPTION_UNKNOWN', name.span, `${owner} has no option ${name.name}.`, hint)
}

/** The value after `=`, of the kind that the table wants. */
export const readOptionValue = (cursor: Cursor, name: Identifier, spec: OptionSpec): OptionNode['value'] => {
  const from = cursor.index
  const value = readRawValue(cursor, name)
  const wrong = (wanted: string, hint?: string): never =>
    cursor.fail('ENG_SQL_OPTION_VALUE', value.span, `The option ${name.name} wants ${wanted}.`, hint)
  const { text } = value
  if (spec.kind === 'size') {
    if (!['string', 'number'].includes(value.kind) || parseSize_bytes(text) === undefined)
      wrong("a size such as '128MB'")
  } else if (spec.kind !== value.kind) {
    wrong(KINDS[spec.kind], value.kind === 'word' && spec.kind === 'string' ? `Write '${text}'.` : undefined)
  } else if (spec.kind === 'string') checkString(text, spec, wrong)
  else if (spec.kind === 'number' && (!/^\d+$/.test(text) || Number(text) < (spec.min ?? 0))) {
    wrong(`a whole number from ${spec.min ?? 0}`)
  }
  if (spec.secret) cursor.placeSecrets(from)
  return value
}

const KINDS = {
  string: 'a string in single quotes',
  number: 'a number',
  boolean: 'true or false',
  interval: "an interval such as INTERVAL '5 minutes'",
} as const

const checkString = (text: string, spec: OptionSpec, wrong: (wanted: string, hint?: string) => never): void => {
  if (spec.words !== undefined && !spec.words.includes(text)) {
    const quoted = spec.words.map((word) => `'${word}'`)
    wrong(`one of ${quoted.join(', ')}`, didYouMean(text, spec.words))
  }
  if (text.trim() === '') wrong('a string that is not empty')
}

const readRawValue = (cursor: Cursor, name: Identifier): OptionNode['value'] => {
  const token = cursor.peek()
  const span = cursor.span(token)
  if (token.kind === 'string') {
    cursor.next()
    const secret = token.shown === undefined ? {} : { secret: true as const, shown: token.shown }
    return { kind: 'string', text: token.value, span, ...secret }
  }
  if (token.keyword === 'INTERVAL') {
    const from = cursor.index
    return { kind: 'interval', text: String(readInterval(cursor)), span: cursor.spanSince(from) }
  }
  if (token.kind === 'number' || (cursor.at('-') && cursor.peek(1).kind === 'number')) return readNumber(cursor)
  if (token.keyword === 'TRUE' || token.keyword === 'FALSE') {
    cursor.next()
    return { kind: 'boolean', text: token.keyword.toLowerCase(), span }
  }
  if (token.kind !== 'word' && token.kind !== 'name') {
    cursor.fail('ENG_SQL_OPTION_VALUE', token, `Here the value of ${name.name} is wanted, not ${cursor.say(token)}.`)
  }
  cursor.next()
  return { kind: 'word', text: token.value, span }
}

const readNumber = (cursor: Cursor): OptionNode['value'] => {
  const from = cursor.index
  const sign = cursor.take('-') ? '-' : ''
  const text = sign + cursor.next().value.replaceAll('_', '')
  return { kind: 'number', text, span: cursor.spanSince(from) }
}
