import type { Cursor } from './cursor.ts'

const UNITS_MS: Readonly<Record<string, number>> = {
  MS: 1,
  MILLISECOND: 1,
  S: 1000,
  SEC: 1000,
  SECOND: 1000,
  M: 60_000,
  MIN: 60_000,
  MINUTE: 60_000,
  H: 3_600_000,
  HR: 3_600_000,
  HOUR: 3_600_000,
  D: 86_400_000,
  DAY: 86_400_000,
  W: 604_800_000,
  WEEK: 604_800_000,
}

const unit_ms = (word: string): number | undefined => {
  const upper = word.toUpperCase()
  return UNITS_MS[upper] ?? (upper.length > 2 && upper.endsWith('S') ? UNITS_MS[upper.slice(0, -1)] : undefined)
}

const PART = /\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*/y

/** Milliseconds of `7 days` or `1 hour 30 minutes`; undefined for what is no fixed, positive, whole number of them. */
export const parseInterval_ms = (text: string): number | undefined => {
  let total = 0
  PART.lastIndex = 0
  if (text === '') return undefined
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text)
    const factor = match === null ? undefined : unit_ms(match[2]!)
    if (match === null || factor === undefined) return undefined
    total += Number(match[1]) * factor
  }
  return isInterval_ms(total) ? total : undefined
}

/** A thousand years bound what is kept in a number without loss. */
const isInterval_ms = (value: number): boolean =>
  Number.isSafeInteger(value) && value > 0 && value <= 31_557_600_000_000

/** `INTERVAL '7 days'`, `INTERVAL 7 DAYS` or `INTERVAL '5' MINUTE`, as milliseconds. */
export const readInterval = (cursor: Cursor): number => {
  if (!cursor.at('INTERVAL')) {
    const token = cursor.peek()
    const hint = token.kind === 'string' ? `Write INTERVAL ${cursor.say(token)}.` : "Write INTERVAL '5 minutes'."
    cursor.fail('ENG_SQL_INTERVAL', token, `Here an interval is wanted, not ${cursor.say(token)}.`, hint)
  }
  const first = cursor.next()
  const amount = cursor.peek()
  if (amount.kind !== 'string' && amount.kind !== 'number') {
    cursor.fail('ENG_SQL_INTERVAL', amount, `After INTERVAL a length is wanted, not ${cursor.say(amount)}.`)
  }
  cursor.next()
  const unit = cursor.peek()
  const isBare = /^\s*\d[\d_]*(?:\.\d+)?\s*$/.test(amount.value)
  const takesUnit = isBare && unit.kind === 'word'
  if (takesUnit) cursor.next()
  const digits = amount.value.replaceAll('_', '')
  const value = parseInterval_ms(takesUnit ? `${digits} ${unit.value}` : amount.value)
  if (value !== undefined) return value
  const hint = /month|year|quarter|decade|centur/i.test(`${amount.value} ${takesUnit ? unit.value : ''}`)
    ? 'Months and years have no fixed length: say it in days.'
    : undefined
  const span = cursor.span(first, takesUnit ? unit : amount)
  cursor.fail('ENG_SQL_INTERVAL', span, 'This is not an interval of a fixed, positive length.', hint)
}

const PRINTED: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
  ['millisecond', 1],
]

/** The canonical spelling: the largest unit that is exact. */
export const printInterval = (interval_ms: number): string => {
  const [name, factor] = PRINTED.find(([, candidate]) => interval_ms % candidate === 0)!
  const amount = interval_ms / factor
  return `INTERVAL '${amount} ${name}${amount === 1 ? '' : 's'}'`
}
