import { type ColumnType, printType, readType, someType } from './column-type.ts'
import { quoteLiteral } from './identifier.ts'

const INTEGERS = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/

/**
 * DuckDB rounds '1.5' to 2. Here a text with a fraction is an integer only where nothing is lost ('2.0', '1e3'); the
 * slow way is taken only by texts with a point or a minus. DECIMAL keeps large integers exact, DOUBLE small fractions.
 */
const castInteger = (text: string, type: string): string => {
  const cast = `TRY_CAST(${text} AS ${type})`
  const asDouble = `TRY_CAST(${text} AS DOUBLE) = CAST(${cast} AS DOUBLE)`
  const exact = `TRY_CAST(${text} AS DECIMAL(38,10)) = ${cast} AND ${asDouble}`
  return (
    `CASE WHEN NOT contains(${text}, '.') AND NOT contains(${text}, '-') THEN ${cast} ` +
    `WHEN regexp_full_match(${text}, '-[0-9]+') THEN ${cast} WHEN ${exact} THEN ${cast} END`
  )
}

/** A cast to TIMESTAMP drops a zone's offset unread. By way of TIMESTAMPTZ it counts; microseconds make it cheap. */
const castTimestamp = (instant: string, type: string): string => {
  const timestamp = `make_timestamp(epoch_us(${instant}))`
  return type === 'TIMESTAMP' ? timestamp : `CAST(${timestamp} AS ${type})`
}

/** The structure argument of json_transform. */
const structureOf = (type: ColumnType): unknown => {
  if (type.kind === 'struct')
    return Object.fromEntries(type.fields.map((field) => [field.name, structureOf(field.type)]))
  if (type.kind === 'list') return [structureOf(type.child)]
  return printType(type)
}

/**
 * Nested values come as JSON. TRY_CAST would turn what does not fit inside them to NULL without a word; the strict
 * forms stop, and TRY makes a NULL of the whole, which is a fault.
 */
const castNested = (text: string, type: ColumnType): string => {
  const isStruct = someType(type, ({ kind }) => kind === 'struct')
  const isMap = someType(type, ({ kind }) => kind === 'map' || kind === 'array')
  if (isStruct && !isMap)
    return `TRY(json_transform_strict(${text}, ${quoteLiteral(JSON.stringify(structureOf(type)))}))`
  if (type.kind === 'array') return `TRY_CAST(${text} AS ${printType(type)})`
  return `TRY(CAST(CAST(${text} AS JSON) AS ${printType(type)}))`
}

export interface TextCast {
  /** Expression of the column's type; NULL where the text is not one. */
  readonly sql: string
  /** False where every text is a value of the type. */
  readonly canFail: boolean
}

const dated = (type: string): boolean => type === 'DATE' || type === 'TIME' || type.startsWith('TIMESTAMP')

/** True for types that a `FORMAT '%d/%m/%Y'` can be given for. */
export const takesFormat = (type: string): boolean => dated(type)

/** How the text of a column, an expression given as `text`, becomes a value of `type` (DuckDB's spelling). */
export const castText = (text: string, type: string, format?: string): TextCast => {
  if (format !== undefined) {
    const parsed = `try_strptime(${text}, ${quoteLiteral(format)})`
    if (type === 'TIMESTAMP WITH TIME ZONE') return { sql: `make_timestamptz(epoch_us(${parsed}))`, canFail: true }
    return { sql: castTimestamp(parsed, type), canFail: true }
  }
  if (type === 'VARCHAR') return { sql: text, canFail: false }
  if (type === 'BLOB') return { sql: `encode(${text})`, canFail: false }
  if (INTEGERS.test(type)) return { sql: castInteger(text, type), canFail: true }
  if (type === 'TIMESTAMP' || type === 'TIMESTAMP_S' || type === 'TIMESTAMP_MS') {
    return { sql: castTimestamp(`TRY_CAST(${text} AS TIMESTAMP WITH TIME ZONE)`, type), canFail: true }
  }
  const nested = readType(type)
  if (nested.kind !== 'scalar') return { sql: castNested(text, nested), canFail: true }
  return { sql: `TRY_CAST(${text} AS ${type})`, canFail: true }
}
