import type { FormatNode, Identifier, OptionNode, SqlText } from '../ast.ts'
import { lexFilled } from '../lexer.ts'
import { printInterval } from '../parser/intervals.ts'
import { quoteIdentifier, quoteName } from '../reserved-words.ts'
import { escapeVariables, printString } from '../string-literals.ts'

/** A name of ours, in quotes where it needs them. */
export const printName = ({ name }: Identifier): string => escapeVariables(quoteIdentifier(name))

export const printNames = (names: readonly Identifier[]): string => names.map(printName).join(', ')

/** DuckDB SQL as it stands, but for strings and quoted names that hold `${`, which would be variables again. */
export const printSql = ({ text }: SqlText): string => {
  if (!text.includes('${')) return text
  let printed = ''
  let copied = 0
  for (const token of lexFilled(text)) {
    if (!token.text.includes('${') || (token.kind !== 'string' && token.kind !== 'name')) continue
    if (isEscaped(token.text)) continue
    const literal = token.kind === 'string' ? printString(token.value) : escapeVariables(quoteName(token.value))
    printed += text.slice(copied, token.start) + literal
    copied = token.end
  }
  return printed + text.slice(copied)
}

/** True for an `e'…'` in which each `${` has its own backslash, which keeps it from being a variable. */
const isEscaped = (literal: string): boolean => /^e'/i.test(literal) && !/(?<!\\)(?:\\\\)*\$\{/.test(literal)

/** A secret is printed as it was written, with its `${…}`. */
export const printValue = (value: OptionNode['value']): string => {
  if (value.shown !== undefined) return `'${value.shown}'`
  if (value.kind === 'string') return printString(value.text)
  if (value.kind === 'interval') return printInterval(Number(value.text))
  return value.kind === 'word' ? quoteIdentifier(value.text) : value.text
}

/** `(name = value, …)`, or nothing where there are none. */
export const printOptions = (options: readonly OptionNode[]): string =>
  options.length === 0
    ? ''
    : ` (${options.map(({ name, value }) => `${printName(name)} = ${printValue(value)}`).join(', ')})`

export const printConnector = ({ kind, options }: Pick<FormatNode, 'kind' | 'options'>): string =>
  kind.name + printOptions(options)
