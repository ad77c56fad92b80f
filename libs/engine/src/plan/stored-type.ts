import { type ColumnType, printType, readType } from './column-type.ts'
import { quoteIdentifier } from './identifier.ts'

/**
 * The table types of the language: what Delta Lake, and with it Spark, delta-rs, Polars and Trino, can read.
 * Delta's primitive types: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#primitive-types
 */
export type StoredType =
  | { readonly kind: 'stored'; readonly type: string }
  | { readonly kind: 'refused'; readonly type: string; readonly hint: string }

const STORED: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
  UTINYINT: 'SMALLINT',
  USMALLINT: 'INTEGER',
  UINTEGER: 'BIGINT',
  UBIGINT: 'DECIMAL(20,0)',
  HUGEINT: 'DECIMAL(38,0)',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'VARCHAR',
  JSON: 'VARCHAR',
  UUID: 'VARCHAR',
  BLOB: 'BLOB',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_S: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_MS: 'TIMESTAMP WITH TIME ZONE',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP WITH TIME ZONE',
}

const HINTS: Readonly<Record<string, string>> = {
  TIMESTAMP_NS: 'Tables keep microseconds: cast it to TIMESTAMP.',
  TIME: 'Cast it to VARCHAR, or keep the whole TIMESTAMP.',
  'TIME WITH TIME ZONE': 'Cast it to VARCHAR, or keep the whole TIMESTAMP.',
  INTERVAL: 'Store its length instead: epoch(interval) gives seconds.',
  UHUGEINT: 'Cast it to DECIMAL(38,0) or VARCHAR.',
  BIGNUM: 'Cast it to DECIMAL(38,0) or VARCHAR.',
  BIT: 'Cast it to VARCHAR.',
  '"NULL"': 'Give the NULL a type: NULL::VARCHAR.',
}

const storedScalar = (text: string): StoredType => {
  const known = STORED[text]
  if (known !== undefined) return { kind: 'stored', type: known }
  if (text.startsWith('DECIMAL(')) return { kind: 'stored', type: text }
  if (text.startsWith('ENUM(')) return { kind: 'stored', type: 'VARCHAR' }
  return { kind: 'refused', type: text, hint: HINTS[text] ?? 'Cast it to a type of the table in docs/sql.md.' }
}

const together = (parts: readonly StoredType[], join: (types: readonly string[]) => string): StoredType => {
  const refused = parts.find((part) => part.kind === 'refused')
  return refused ?? { kind: 'stored', type: join(parts.map(({ type }) => type)) }
}

const storedOf = (type: ColumnType): StoredType => {
  switch (type.kind) {
    case 'scalar':
      return storedScalar(type.text)
    case 'list':
    case 'array':
      return together([storedOf(type.child)], ([child]) => `${child}[]`)
    case 'map':
      return together([storedOf(type.key), storedOf(type.value)], ([key, value]) => `MAP(${key}, ${value})`)
    case 'struct':
      return together(
        type.fields.map((field) => storedOf(field.type)),
        (types) =>
          `STRUCT(${type.fields.map(({ name }, index) => `${quoteIdentifier(name)} ${types[index]}`).join(', ')})`,
      )
  }
}

export const storedType = (type: string): StoredType => storedOf(readType(type))

/**
 * The expression that turns a column of `type` into its stored type. A TIMESTAMP is UTC already: through its
 * microseconds it costs a fifteenth of the cast, which asks the time zone library for each value.
 */
export const storedExpression = (column: string, type: string, stored: string): string => {
  const name = quoteIdentifier(column)
  if (printType(readType(type)) === printType(readType(stored))) return name
  if (type === 'TIMESTAMP') return `make_timestamptz(epoch_us(${name})) AS ${name}`
  return `CAST(${name} AS ${stored}) AS ${name}`
}
