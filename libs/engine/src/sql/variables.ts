import { didYouMean } from '../core/suggest.ts'
import { isDigit, isLetter } from './characters.ts'
import type { DiagnosticSink } from './diagnostic-sink.ts'
import { isReservedWord } from './reserved-words.ts'

/** The value of a variable, or undefined where nothing sets it. */
export type VariableLookup = (name: string) => string | undefined

/** What `${…}` is filled from. The caller decides who wins among --set, the environment and millrace.json. */
export interface Variables {
  readonly lookup: VariableLookup
  /** Names for "did you mean". */
  readonly names?: readonly string[]
  /** Secret by declaration; names that look secret (`isSecretName`) are secret without being listed. */
  readonly secretNames?: ReadonlySet<string>
}

const SECRET_NAME =
  /passw(or)?d|passphrase|secret|token|credential|jaas|(^|[^a-z])(pwd|key)$|(api|access|private)_?key/i

/** True for names that a secret would have, such as `KAFKA_PASSWORD` or `API_KEY`. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)

/** A `${…}` in the text. `default` is as written: the caller undoes the escapes of the literal around it. */
export interface VariableReference {
  readonly name: string
  readonly default?: string
  readonly start: number
  readonly end: number
}

/** A default ends at the first `}`, and never leaves its line or the literal that it stands in. */
const REFERENCES = {
  code: /\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-?([^}\n\r;'"]{0,1000}))?\}/y,
  string: /\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-?((?:[^}\n\r']|''){0,1000}))?\}/y,
  dollar: /\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-?([^}\n\r$]{0,1000}))?\}/y,
  name: /\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-?((?:[^}\n\r"]|""){0,1000}))?\}/y,
} as const

/** What stands around a `${…}`: nothing, a string, a dollar-quoted string, a quoted name. */
export type VariableContext = keyof typeof REFERENCES

/** The reference that starts at `start`, or undefined (complained of) where `${` starts none. */
export const readReference = (
  text: string,
  start: number,
  context: VariableContext,
  sink: DiagnosticSink,
): VariableReference | undefined => {
  const pattern = REFERENCES[context]
  pattern.lastIndex = start
  const match = pattern.exec(text)
  if (match === null) {
    sink.error({ code: 'ENG_SQL_VARIABLE_SYNTAX', start, end: start + 2, message: 'This ${ starts no variable.' })
    return undefined
  }
  const [whole, name, given] = match
  const end = start + whole.length
  if (given?.includes('${')) {
    sink.error({ code: 'ENG_SQL_VARIABLE_SYNTAX', start, end, message: 'A variable’s default cannot hold a variable.' })
  }
  return { name: name!, start, end, ...(given === undefined ? {} : { default: given }) }
}

export type VariableValue =
  | { readonly kind: 'given'; readonly value: string; readonly secret: boolean }
  | { readonly kind: 'default'; readonly value: string; readonly secret: boolean }
  | { readonly kind: 'unknown' }

/** Looks a reference up. An unknown one without a default is complained of. */
export const resolveReference = (
  reference: VariableReference,
  variables: Variables,
  sink: DiagnosticSink,
): VariableValue => {
  const { name, start, end } = reference
  const secret = isSecretName(name) || variables.secretNames?.has(name) === true
  const value = variables.lookup(name)
  if (value !== undefined) return { kind: 'given', value, secret }
  if (reference.default !== undefined) return { kind: 'default', value: reference.default, secret }
  const hint = didYouMean(name, variables.names ?? [])
  sink.error({ code: 'ENG_SQL_VARIABLE_UNKNOWN', start, end, message: `The variable ${name} has no value.`, hint })
  return { kind: 'unknown' }
}

const QUOTED_NAME = /^"(?:[^"\0]|"")+"$/
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

const isBareName = (value: string): boolean =>
  value !== '' && isLetter(value[0]!) && [...value].every((character) => isLetter(character) || isDigit(character))

/** What a value is outside a string: DuckDB must read it as exactly one name or number, whatever stands around it. */
export const classifyBareValue = (value: string): 'name' | 'quoted' | 'number' | 'other' => {
  if (isBareName(value)) return isReservedWord(value) ? 'other' : 'name'
  if (QUOTED_NAME.test(value)) return 'quoted'
  return NUMBER.test(value) ? 'number' : 'other'
}
