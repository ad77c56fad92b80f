import { edgeSlot, hashName } from './names.ts'
import {
  type PathResult,
  parseXmlColumnPath,
  parseXmlNestedPath,
  parseXmlRowPath,
  type XmlColumnPath,
  type XmlName,
  type XmlRowPath,
} from './path.ts'
import { XML_LIMITS, type XmlLimits } from './fault.ts'

export interface XmlSpec {
  /** `/library/book` or `//book`. */
  readonly row: string
  /** Relative to the row: one row per match, parent columns repeated; a row without a match gives one with NULLs. */
  readonly nested?: string | undefined
  readonly columns: readonly { readonly path: string; readonly level: 0 | 1 }[]
  /** Take white space off both ends of every value. */
  readonly trim: boolean
  readonly emptyAsNull: boolean
  readonly limits?: Partial<XmlLimits>
}

export const IS_ROW = 1
export const IS_NESTED = 2
export const HAS_CAPTURES = 4
export const HAS_ATTRIBUTES = 8
/** The state of elements that no path leads through. */
export const SKIPPED = 0
/** The state outside the root element. */
export const DOCUMENT = 1

/** A compiled {@link XmlSpec}: an automaton whose states are the elements that paths lead to. Immutable; share freely. */
export interface XmlProgram {
  readonly levels: Uint8Array
  readonly nested: boolean
  readonly trim: boolean
  readonly emptyAsNull: boolean
  readonly limits: XmlLimits
  /** Per state: bits IS_ROW … HAS_ATTRIBUTES. */
  readonly flags: Uint8Array
  /** Per state: where children go that no edge names: SKIPPED, or the state itself under a `//` row path. */
  readonly otherwise: Int32Array
  /** Edges of state s: `edgeStart[s]` to `edgeStart[s + 1]`; likewise captures and attributes. */
  readonly edgeStart: Int32Array
  readonly edgeTarget: Int32Array
  readonly edgeNameAt: Int32Array
  readonly edgeNameLength: Int32Array
  readonly edgeQualified: Uint8Array
  /** The column that takes all text of the edge's element when that is all there is to do, or -1. */
  readonly edgeLeaf: Int32Array
  readonly captureStart: Int32Array
  readonly captureColumn: Int32Array
  /** 1: only the element's own text. */
  readonly captureOwn: Uint8Array
  readonly attributeStart: Int32Array
  readonly attributeColumn: Int32Array
  readonly attributeNameAt: Int32Array
  readonly attributeNameLength: Int32Array
  readonly attributeQualified: Uint8Array
  /** UTF-8 of all names. */
  readonly names: DataView
  /** Open-addressed table of edge index + 1, by {@link edgeSlot}; its size is a power of two. */
  readonly table: Int32Array
  readonly anyQualified: boolean
}

export type XmlCompiled =
  | { readonly kind: 'program'; readonly program: XmlProgram }
  | { readonly kind: 'error'; readonly message: string }

interface Node {
  readonly id: number
  readonly children: Map<string, Node>
  readonly captures: { readonly column: number; readonly own: boolean }[]
  readonly attributes: { readonly name: XmlName; readonly column: number }[]
  flags: number
}

interface State {
  readonly nodes: readonly Node[]
  readonly edges: { readonly name: string; readonly target: number }[]
}

const STATES_MAX = 20_000

class TreeBuilder {
  #nodes = 0
  readonly root = this.#node()

  #node(): Node {
    return { id: this.#nodes++, children: new Map(), captures: [], attributes: [], flags: 0 }
  }

  walk(from: Node, steps: readonly XmlName[]): Node {
    let node = from
    for (const { name } of steps) {
      let child = node.children.get(name)
      if (child === undefined) node.children.set(name, (child = this.#node()))
      node = child
    }
    return node
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/**
 * Makes the tree of paths deterministic. An element `x:name` takes the steps `x:name` and `name`, so one state stands
 * for a set of tree nodes (the subset construction). Undefined: more than STATES_MAX states.
 */
const determinise = (root: Node): readonly State[] | undefined => {
  const states: State[] = [
    { nodes: [], edges: [] },
    { nodes: [root], edges: [] },
  ]
  const known = new Map<string, number>()
  for (let s = DOCUMENT; s < states.length; s++) {
    const { nodes, edges } = states[s]!
    for (const name of new Set(nodes.flatMap((node) => [...node.children.keys()]))) {
      const names = name.includes(':') ? [name, localName(name)] : [name]
      const targets = nodes.flatMap((node) => names.flatMap((key) => node.children.get(key) ?? []))
      const key = targets.map((node) => node.id).join()
      let target = known.get(key)
      if (target === undefined) {
        if (states.length === STATES_MAX) return undefined
        target = states.push({ nodes: targets, edges: [] }) - 1
        known.set(key, target)
      }
      edges.push({ name, target })
    }
  }
  return states
}

class NamePool {
  readonly #bytes: number[] = []
  readonly #encoder = new TextEncoder()

  add(name: string): { readonly at: number; readonly length: number } {
    const at = this.#bytes.length
    for (const byte of this.#encoder.encode(name)) this.#bytes.push(byte)
    return { at, length: this.#bytes.length - at }
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

const leafColumn = (state: State): number => {
  const [capture, ...more] = state.nodes.flatMap((node) => node.captures)
  const plain = state.nodes.every((node) => node.flags === 0 && node.attributes.length === 0)
  return plain && capture !== undefined && more.length === 0 ? capture.column : -1
}

const stateFlags = (state: State): number => {
  let flags = 0
  for (const node of state.nodes) {
    flags |= node.flags
    if (node.captures.length > 0) flags |= HAS_CAPTURES
    if (node.attributes.length > 0) flags |= HAS_ATTRIBUTES
  }
  return flags
}

/** For each state the start of its items in the flat list, and the list's length at the end. */
const starts = (states: readonly State[], count: (state: State) => number): Int32Array => {
  const result = new Int32Array(states.length + 1)
  for (const [s, state] of states.entries()) result[s + 1] = result[s]! + count(state)
  return result
}

const edgeTable = (stateOf: readonly number[], at: Int32Array, length: Int32Array, names: Uint8Array): Int32Array => {
  let size = 16
  while (size < stateOf.length * 2) size *= 2
  const table = new Int32Array(size)
  for (const [edge, state] of stateOf.entries()) {
    let slot = edgeSlot(state, hashName(names, at[edge]!, at[edge]! + length[edge]!), size - 1)
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1)
    table[slot] = edge + 1
  }
  return table
}

const flatten = (states: readonly State[], spec: XmlSpec, anywhere: boolean): XmlProgram => {
  const pool = new NamePool()
  const edges = states.flatMap((state, s) => state.edges.map((edge) => ({ ...edge, s, ...pool.add(edge.name) })))
  const captures = states.flatMap((state) => state.nodes.flatMap((node) => node.captures))
  const attributesOf = (state: State) => state.nodes.flatMap((node) => node.attributes)
  const attributes = states.flatMap(attributesOf).map((each) => ({ ...each, ...pool.add(each.name.name) }))
  const names = pool.bytes()
  const edgeNameAt = Int32Array.from(edges, (edge) => edge.at)
  const edgeNameLength = Int32Array.from(edges, (edge) => edge.length)
  const stateOf = edges.map((edge) => edge.s)
  const otherwise = new Int32Array(states.length)
  if (anywhere) otherwise[DOCUMENT] = DOCUMENT
  return {
    levels: Uint8Array.from(spec.columns, (column) => column.level),
    nested: spec.nested !== undefined,
    trim: spec.trim,
    emptyAsNull: spec.emptyAsNull,
    limits: { ...XML_LIMITS, ...spec.limits },
    flags: Uint8Array.from(states, stateFlags),
    otherwise,
    edgeStart: starts(states, (state) => state.edges.length),
    edgeTarget: Int32Array.from(edges, (edge) => edge.target),
    edgeNameAt,
    edgeNameLength,
    edgeQualified: Uint8Array.from(edges, (edge) => (edge.name.includes(':') ? 1 : 0)),
    edgeLeaf: Int32Array.from(edges, (edge) => leafColumn(states[edge.target]!)),
    captureStart: starts(states, (state) => state.nodes.reduce((sum, node) => sum + node.captures.length, 0)),
    captureColumn: Int32Array.from(captures, (capture) => capture.column),
    captureOwn: Uint8Array.from(captures, (capture) => (capture.own ? 1 : 0)),
    attributeStart: starts(states, (state) => attributesOf(state).length),
    attributeColumn: Int32Array.from(attributes, (each) => each.column),
    attributeNameAt: Int32Array.from(attributes, (each) => each.at),
    attributeNameLength: Int32Array.from(attributes, (each) => each.length),
    attributeQualified: Uint8Array.from(attributes, (each) => (each.name.qualified ? 1 : 0)),
    names: new DataView(names.buffer),
    table: edgeTable(stateOf, edgeNameAt, edgeNameLength, names),
    anyQualified: edges.some((edge) => edge.name.includes(':')),
  }
}

interface ParsedPaths {
  readonly row: XmlRowPath
  readonly nested: readonly XmlName[] | undefined
  readonly columns: readonly XmlColumnPath[]
}

const parsePaths = (spec: XmlSpec): PathResult<ParsedPaths> => {
  const row = parseXmlRowPath(spec.row)
  if (row.kind === 'error') return row
  const nested = spec.nested === undefined ? undefined : parseXmlNestedPath(spec.nested)
  if (nested?.kind === 'error') return nested
  const columns: XmlColumnPath[] = []
  for (const { path, level } of spec.columns) {
    const column = parseXmlColumnPath(path)
    if (column.kind === 'error') return column
    if (level === 1 && nested === undefined)
      return { kind: 'error', message: `column path '${path}' is of level 1, but there is no nested path` }
    columns.push(column.path)
  }
  return { kind: 'path', path: { row: row.path, nested: nested?.path, columns } }
}

/** Compiles a spec once per plan. An error is about a path of the spec. Never throws. */
export const compileXml = (spec: XmlSpec): XmlCompiled => {
  const parsed = parsePaths(spec)
  if (parsed.kind === 'error') return parsed
  const { row, nested, columns } = parsed.path
  const tree = new TreeBuilder()
  const rowNode = tree.walk(tree.root, row.steps)
  rowNode.flags |= IS_ROW
  const nestedNode = nested === undefined ? undefined : tree.walk(rowNode, nested)
  if (nestedNode !== undefined) nestedNode.flags |= IS_NESTED
  for (const [column, { steps, take }] of columns.entries()) {
    const base = spec.columns[column]!.level === 1 ? nestedNode! : rowNode
    const node = tree.walk(base, steps)
    if (take.kind === 'attribute') node.attributes.push({ name: take.name, column })
    else node.captures.push({ column, own: take.kind === 'text' })
  }
  const states = determinise(tree.root)
  if (states === undefined) return { kind: 'error', message: 'the paths mix prefixed and unprefixed names too often' }
  return { kind: 'program', program: flatten(states, spec, row.anywhere) }
}
