import type { OptionNode } from '../sql/ast.ts'
import { parseSize_bytes } from '../sql/sizes.ts'
import { sameName } from './identifier.ts'

/** Values of options that the parser has validated: names, kinds and words are right already. */
export const optionOf = (options: readonly OptionNode[], name: string): OptionNode | undefined =>
  options.find((option) => sameName(option.name.name, name))

export const textOption = (options: readonly OptionNode[], name: string): string | undefined =>
  optionOf(options, name)?.value.text

export const booleanOption = (options: readonly OptionNode[], name: string): boolean | undefined => {
  const text = textOption(options, name)
  return text === undefined ? undefined : text.toLowerCase() === 'true'
}

export const numberOption = (options: readonly OptionNode[], name: string): number | undefined => {
  const text = textOption(options, name)
  return text === undefined ? undefined : Number(text)
}

export const sizeOption_bytes = (options: readonly OptionNode[], name: string): number | undefined => {
  const text = textOption(options, name)
  return text === undefined ? undefined : parseSize_bytes(text)
}
