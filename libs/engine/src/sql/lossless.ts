import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json'
import type { JsonNumber, JsonValue } from '../core/json.ts'

/** Reads JSON and keeps every digit of its numbers. Throws SyntaxError for what is not JSON. */
export const parseJson = (text: string): JsonValue => parse(text) as JsonValue

/** Writes it back, digit for digit. */
export const printJson = (value: JsonValue): string => stringify(value) ?? 'null'

export const jsonNumber = (text: string): JsonNumber => new LosslessNumber(text) as unknown as JsonNumber

export const isJsonNumber = (value: unknown): value is JsonNumber => isLosslessNumber(value)
