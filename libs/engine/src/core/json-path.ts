/**
 * Paths into a JSON message, a subset of SQL/JSON paths (ISO 9075-2, lax mode):
 *
 *     row, nested := '$' step* , where '[*]' may only be the last step; a nested path may leave out '$.'
 *                    (a row path `$` is the message, or each of its elements when it is an array)
 *     column      := ['$'] step*  |  key step*
 *     step        := '.' key | '.' '"' any text '"' | '[' digits ']' | "['" any text "']"
 *     key         := characters other than . [ ] " ' $ @ * and white space at either end
 */
export type JsonStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }

export type JsonPathResult =
  | { readonly kind: 'path'; readonly steps: readonly JsonStep[] }
  | { readonly kind: 'error'; readonly message: string }

export type JsonPathRole = 'row' | 'nested' | 'column'

const STEPS_MAX = 255
const BRACKET = /^\[(?:(\d{1,9})|(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/s
const KEY = /^(?:"((?:[^"\\]|\\.)*)"|([^.[\]"'$@*]+))/s

const unquote = (text: string): string => text.replace(/\\(.)/gs, '$1')

const nextStep = (rest: string, first: boolean): { readonly step: JsonStep; readonly length: number } | undefined => {
  const bracket = BRACKET.exec(rest)
  if (bracket !== null) {
    const [all, index, star, single, double] = bracket
    if (index !== undefined) return { step: { kind: 'index', index: Number(index) }, length: all.length }
    if (star !== undefined) return { step: { kind: 'each' }, length: all.length }
    return { step: { kind: 'key', key: unquote(single ?? double ?? '') }, length: all.length }
  }
  const dot = rest.startsWith('.') ? 1 : 0
  if (dot === 0 && !first) return undefined
  const key = KEY.exec(rest.slice(dot))
  if (key === null) return undefined
  const text = key[1] === undefined ? key[2]! : unquote(key[1])
  if (key[1] === undefined && text.trim() !== text) return undefined
  return { step: { kind: 'key', key: text }, length: dot + key[0].length }
}

/** Reads a path; what it may hold depends on its role. Never throws. */
export const parseJsonPath = (role: JsonPathRole, text: string): JsonPathResult => {
  const error = (message: string): JsonPathResult => ({ kind: 'error', message })
  const dollar = text.startsWith('$')
  if (role === 'row' && !dollar) return error(`row path '${text}' must start with '$', as in '$.items[*]'`)
  if (text === '') return error('path is empty')
  const steps: JsonStep[] = []
  let at = dollar ? 1 : 0
  while (at < text.length) {
    const next = nextStep(text.slice(at), at === 0)
    if (next === undefined) return error(`path '${text}' cannot be read from '${text.slice(at, at + 20)}'`)
    steps.push(next.step)
    at += next.length
    if (steps.length > STEPS_MAX) return error(`path has more than ${STEPS_MAX} steps`)
  }
  const each = steps.findIndex((step) => step.kind === 'each')
  if (role === 'column' && each >= 0)
    return error(`column path '${text}' cannot have [*]: use NESTED PATH for a row each`)
  if (each >= 0 && each < steps.length - 1) return error(`path '${text}' may have [*] only at its end`)
  if (role === 'nested' && each < 0) return error(`nested path '${text}' must end in [*], as in '$.lines[*]'`)
  return { kind: 'path', steps }
}
