import type { JsonValue } from '../core/json.ts'
import { isJsonNumber } from '../sql/lossless.ts'

/** DuckDB's AST and plans as they cross the port: objects with a `type`, expressions with a `class` too. */
export type EngineNode = { readonly [key: string]: JsonValue }

export const isNode = (value: JsonValue | undefined): value is EngineNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isJsonNumber(value)

export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

export const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

export const nodesOf = (value: JsonValue | undefined): readonly EngineNode[] => listOf(value).filter(isNode)

/** Number of a JSON number that is small enough to be one; undefined for DuckDB's "none" (2^64−1). */
export const indexOf = (value: JsonValue | undefined): number | undefined => {
  if (!isJsonNumber(value)) return undefined
  const number = Number(value.value)
  return Number.isSafeInteger(number) ? number : undefined
}

/** Calls `visit` on every object below and including `value`, parents first. */
export const walk = (value: JsonValue | undefined, visit: (node: EngineNode) => void): void => {
  if (Array.isArray(value)) for (const item of value) walk(item, visit)
  else if (isNode(value)) {
    visit(value)
    for (const child of Object.values(value)) walk(child, visit)
  }
}

/** The first object below `value` for which `test` holds, parents first. */
export const find = (value: JsonValue | undefined, test: (node: EngineNode) => boolean): EngineNode | undefined => {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = find(item, test)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isNode(value)) return undefined
  if (test(value)) return value
  for (const child of Object.values(value)) {
    const found = find(child, test)
    if (found !== undefined) return found
  }
  return undefined
}

/** The query node of what `SqlEngine.parse` gives. */
export const queryOf = (ast: JsonValue): EngineNode => (isNode(ast) && isNode(ast['node']) ? ast['node'] : {})
