import { quoteIdentifier } from './identifier.ts'

/** A DuckDB type, read from DuckDB's own spelling of it (`DESCRIBE`). */
export type ColumnType =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'list'; readonly child: ColumnType }
  | { readonly kind: 'array'; readonly child: ColumnType; readonly length: number }
  | { readonly kind: 'map'; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: ColumnType }[] }

/** Splits at top-level commas; brackets and both kinds of quotes nest. */
const splitTopLevel = (text: string): readonly string[] => {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim())
}

const readField = (text: string): { readonly name: string; readonly type: ColumnType } => {
  const quoted = /^"((?:[^"]|"")*)"\s+/.exec(text)
  if (quoted !== null) return { name: quoted[1]!.replaceAll('""', '"'), type: readType(text.slice(quoted[0].length)) }
  const space = text.indexOf(' ')
  return { name: text.slice(0, space), type: readType(text.slice(space + 1)) }
}

export const readType = (text: string): ColumnType => {
  const suffix = /^(.*)\[(\d*)\]$/s.exec(text)
  if (suffix !== null) {
    const child = readType(suffix[1]!)
    return suffix[2] === '' ? { kind: 'list', child } : { kind: 'array', child, length: Number(suffix[2]) }
  }
  const nested = /^(STRUCT|MAP)\((.*)\)$/s.exec(text)
  if (nested === null) return { kind: 'scalar', text }
  const parts = splitTopLevel(nested[2]!)
  if (nested[1] === 'STRUCT') return { kind: 'struct', fields: parts.map(readField) }
  return { kind: 'map', key: readType(parts[0]!), value: readType(parts[1]!) }
}

export const printType = (type: ColumnType): string => {
  if (type.kind === 'scalar') return type.text
  if (type.kind === 'list') return `${printType(type.child)}[]`
  if (type.kind === 'array') return `${printType(type.child)}[${type.length}]`
  if (type.kind === 'map') return `MAP(${printType(type.key)}, ${printType(type.value)})`
  const fields = type.fields.map((field) => `${quoteIdentifier(field.name)} ${printType(field.type)}`)
  return `STRUCT(${fields.join(', ')})`
}

/** True where `test` holds for the type or one inside it. */
export const someType = (type: ColumnType, test: (type: ColumnType) => boolean): boolean => {
  if (test(type)) return true
  if (type.kind === 'list' || type.kind === 'array') return someType(type.child, test)
  if (type.kind === 'map') return someType(type.key, test) || someType(type.value, test)
  return type.kind === 'struct' && type.fields.some((field) => someType(field.type, test))
}
