import { edgeSlot, hashName } from '@millrace/xml'
import { type JsonStep, parseJsonPath } from '../../core/json-path.ts'

export interface JsonLimits {
  readonly depth_max: number
  readonly rows_max: number
  readonly column_bytes_max: number
}

export interface JsonSpec {
  /** `$`: the object that the message is, or each element of the array that it is; `$.items[*]`, `$.a.b[*]`, `$.a`. */
  readonly row: string
  /** `lines[*]`: one row per element, parent columns repeated; a row without elements gives one with NULLs. */
  readonly nested?: string | undefined
  readonly columns: readonly { readonly path: string; readonly level: 0 | 1 }[]
  readonly trim: boolean
  readonly emptyAsNull: boolean
  readonly limits: JsonLimits
}

export const IS_ROW = 1
export const IS_NESTED = 2
export const HAS_COLUMNS = 4
/** The state of values that no path leads to. */
export const SKIPPED = 0
export const MESSAGE = 1

/** A compiled {@link JsonSpec}: an automaton whose states are the values that paths lead to. Immutable. */
export interface JsonProgram {
  readonly levels: Uint8Array
  readonly nested: boolean
  readonly trim: boolean
  readonly emptyAsNull: boolean
  readonly limits: JsonLimits
  /** Per state: bits IS_ROW … HAS_COLUMNS. */
  readonly flags: Uint8Array
  /** Per state: what an object there counts as. SQL/JSON's lax mode: an object where `[*]` wants an array is its only element. */
  readonly asObject: Int32Array
  /** Per state: the state of array elements that no index names. */
  readonly each: Int32Array
  /** Per state: states of elements by index, where paths name some. */
  readonly byIndex: readonly (ReadonlyMap<number, number> | undefined)[]
  /** Columns of state s: `columnStart[s]` to `columnStart[s + 1]`; likewise edges. */
  readonly columnStart: Int32Array
  readonly columnOf: Int32Array
  /** Per state: its column where it has exactly one, else -1. */
  readonly onlyColumn: Int32Array
  readonly edgeStart: Int32Array
  /** Per state: bit `length & 31` for each of its keys, so that most keys that nobody asks for need no look-up. */
  readonly keyLengths: Int32Array
  readonly edgeTarget: Int32Array
  readonly edgeKeyAt: Int32Array
  readonly edgeKeyLength: Int32Array
  /** 1: the key's bytes mean themselves inside a JSON string, so that they can be compared as they stand. */
  readonly edgePlain: Uint8Array
  /** What a repeated key takes back: columns below the edge, and whether rows or nested rows are below it. */
  readonly edgeColumns: readonly Int32Array[]
  readonly edgeFlags: Uint8Array
  /** UTF-8 of all keys, each followed by `"`. */
  readonly keys: DataView
  readonly table: Int32Array
}

export type JsonCompiled =
  | { readonly kind: 'program'; readonly program: JsonProgram }
  | { readonly kind: 'error'; readonly message: string }

interface Node {
  readonly id: number
  readonly keys: Map<string, Node>
  readonly indexes: Map<number, Node>
  each: Node | undefined
  readonly columns: number[]
  flags: number
}

interface State {
  readonly nodes: readonly Node[]
  readonly edges: { readonly key: string; readonly target: number }[]
  byIndex: Map<number, number> | undefined
  each: number
  asObject: number
}

const STATES_MAX = 20_000

const makeTree = () => {
  let count = 0
  const node = (): Node => ({
    id: count++,
    keys: new Map(),
    indexes: new Map(),
    each: undefined,
    columns: [],
    flags: 0,
  })
  const child = <K>(map: Map<K, Node>, key: K): Node => {
    const found = map.get(key) ?? node()
    map.set(key, found)
    return found
  }
  const walk = (from: Node, steps: readonly JsonStep[]): Node => {
    let at = from
    for (const step of steps) {
      if (step.kind === 'key') at = child(at.keys, step.key)
      else if (step.kind === 'index') at = child(at.indexes, step.index)
      else at = at.each ??= node()
    }
    return at
  }
  return { root: node(), walk }
}

/** The nodes that an object counts as: those of its state, and what their `[*]` leads to. */
const wrapped = (nodes: readonly Node[]): readonly Node[] => {
  const all = new Set(nodes)
  for (const node of all) if (node.each !== undefined) all.add(node.each)
  return [...all]
}

/** Makes the tree of paths deterministic: `[0]` and `[*]` may lead to one value. Undefined: too many states. */
const determinise = (root: Node): readonly State[] | undefined => {
  const states: State[] = []
  const known = new Map<string, number>()
  const add = (nodes: readonly Node[]): number => {
    const ids = nodes.map((node) => node.id).sort((a, b) => a - b)
    const key = ids.join()
    const found = known.get(key)
    if (found !== undefined) return found
    const index = states.push({ nodes, edges: [], byIndex: undefined, each: SKIPPED, asObject: 0 }) - 1
    known.set(key, index)
    return index
  }
  add([])
  add([root])
  for (let s = 0; s < states.length; s++) {
    if (s > STATES_MAX) return undefined
    const state = states[s]!
    const { nodes } = state
    state.asObject = add(wrapped(nodes))
    const each = nodes.flatMap((node) => node.each ?? [])
    state.each = add(each)
    for (const key of new Set(nodes.flatMap((node) => [...node.keys.keys()])))
      state.edges.push({ key, target: add(nodes.flatMap((node) => node.keys.get(key) ?? [])) })
    for (const index of new Set(nodes.flatMap((node) => [...node.indexes.keys()]))) {
      state.byIndex ??= new Map()
      state.byIndex.set(index, add([...each, ...nodes.flatMap((node) => node.indexes.get(index) ?? [])]))
    }
  }
  return states
}

/** All columns at or below a set of nodes, and their flags together. */
const below = (nodes: readonly Node[]): { readonly columns: Int32Array; readonly flags: number } => {
  const all = new Set(nodes)
  for (const node of all) {
    for (const next of [...node.keys.values(), ...node.indexes.values()]) all.add(next)
    if (node.each !== undefined) all.add(node.each)
  }
  const columns = new Set([...all].flatMap((node) => node.columns))
  return { columns: Int32Array.from(columns), flags: [...all].reduce((flags, node) => flags | node.flags, 0) }
}

const starts = (states: readonly State[], count: (state: State) => number): Int32Array => {
  const result = new Int32Array(states.length + 1)
  for (const [s, state] of states.entries()) result[s + 1] = result[s]! + count(state)
  return result
}

const flatten = (states: readonly State[], spec: JsonSpec): JsonProgram => {
  const encoder = new TextEncoder()
  const bytes: number[] = []
  const edges = states.flatMap((state, s) =>
    state.edges.map(({ key, target }) => {
      const at = bytes.length
      const encoded = encoder.encode(key)
      bytes.push(...encoded, 0x22)
      const plain = encoded.every((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c)
      return { s, target, at, length: encoded.length, plain, ...below(states[target]!.nodes) }
    }),
  )
  const keys = Uint8Array.from(bytes)
  let size = 16
  while (size < edges.length * 2) size *= 2
  const table = new Int32Array(size)
  for (const [index, edge] of edges.entries()) {
    let slot = edgeSlot(edge.s, hashName(keys, edge.at, edge.at + edge.length), size - 1)
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1)
    table[slot] = index + 1
  }
  const columnsOf = (state: State) => state.nodes.flatMap((node) => node.columns)
  return {
    levels: Uint8Array.from(spec.columns, (column) => column.level),
    nested: spec.nested !== undefined,
    trim: spec.trim,
    emptyAsNull: spec.emptyAsNull,
    limits: spec.limits,
    flags: Uint8Array.from(states, (state) =>
      state.nodes.reduce((flags, node) => flags | node.flags | (node.columns.length > 0 ? HAS_COLUMNS : 0), 0),
    ),
    asObject: Int32Array.from(states, (state) => state.asObject),
    each: Int32Array.from(states, (state) => state.each),
    byIndex: states.map((state) => state.byIndex),
    columnStart: starts(states, (state) => columnsOf(state).length),
    columnOf: Int32Array.from(states.flatMap(columnsOf)),
    onlyColumn: Int32Array.from(states, (state) => (columnsOf(state).length === 1 ? columnsOf(state)[0]! : -1)),
    edgeStart: starts(states, (state) => state.edges.length),
    keyLengths: Int32Array.from(states, (_, s) =>
      edges.reduce((bits, edge) => (edge.s === s ? bits | (1 << (edge.length & 31)) : bits), 0),
    ),
    edgeTarget: Int32Array.from(edges, (edge) => edge.target),
    edgeKeyAt: Int32Array.from(edges, (edge) => edge.at),
    edgeKeyLength: Int32Array.from(edges, (edge) => edge.length),
    edgePlain: Uint8Array.from(edges, (edge) => (edge.plain ? 1 : 0)),
    edgeColumns: edges.map((edge) => edge.columns),
    edgeFlags: Uint8Array.from(edges, (edge) => edge.flags),
    keys: new DataView(keys.buffer),
    table,
  }
}

interface ParsedPaths {
  readonly row: readonly JsonStep[]
  readonly nested: readonly JsonStep[] | undefined
  readonly columns: readonly (readonly JsonStep[])[]
}

const parsePaths = (spec: JsonSpec): ParsedPaths | string => {
  const row = parseJsonPath('row', spec.row)
  if (row.kind === 'error') return row.message
  const nested = spec.nested === undefined ? undefined : parseJsonPath('nested', spec.nested)
  if (nested?.kind === 'error') return nested.message
  const columns: (readonly JsonStep[])[] = []
  for (const { path, level } of spec.columns) {
    const column = parseJsonPath('column', path)
    if (column.kind === 'error') return column.message
    if (level === 1 && nested === undefined) return `column path '${path}' is of level 1, but there is no nested path`
    columns.push(column.steps)
  }
  return { row: row.steps, nested: nested?.steps, columns }
}

/** Compiles a spec once per plan. An error is about a path of the spec. Never throws. */
export const compileJson = (spec: JsonSpec): JsonCompiled => {
  const paths = parsePaths(spec)
  if (typeof paths === 'string') return { kind: 'error', message: paths }
  const tree = makeTree()
  // `$` means the same as `$[*]`. It may not depend on the columns, since a query reads only those that it needs.
  const row = tree.walk(tree.root, paths.row.length === 0 ? [{ kind: 'each' }] : paths.row)
  row.flags |= IS_ROW
  const nested = paths.nested === undefined ? undefined : tree.walk(row, paths.nested)
  if (nested !== undefined) nested.flags |= IS_NESTED
  for (const [column, steps] of paths.columns.entries()) {
    const base = spec.columns[column]!.level === 1 ? nested! : row
    tree.walk(base, steps).columns.push(column)
  }
  const states = determinise(tree.root)
  if (states === undefined) return { kind: 'error', message: 'the paths mix [*] and [n] too often' }
  return { kind: 'program', program: flatten(states, spec) }
}
