import { AttributeReader } from './attributes.ts'
import { isNonCharacter, isSpace, NAME_CLASSES, TEXT_STOPS } from './chars.ts'
import type { ColumnArena } from './column-arena.ts'
import { DOCUMENT, HAS_CAPTURES, IS_NESTED, IS_ROW, SKIPPED, type XmlProgram } from './compile.ts'
import { DeclarationReader } from './declaration.ts'
import { excerpt, FaultCell, type XmlFault } from './fault.ts'
import { edgeSlot, NameReader } from './names.ts'
import { RawReader } from './raw.ts'
import { ReferenceReader } from './reference.ts'
import { RowWriter } from './row-writer.ts'
import { firstMark, sameBytes, textMarks } from './words.ts'

const LESS = 0x3c
const GREATER = 0x3e
const SLASH = 0x2f
const BANG = 0x21
const QUESTION = 0x3f
const AMPERSAND = 0x26
const BRACKET = 0x5d
const CR = 0x0d
const LF = 0x0a
const LF_BYTE = Uint8Array.of(LF)

/** Whether text cannot simply go on at this byte: `<`, `&`, a line end to normalise, `]]>`, an illegal character. */
const stopsText = (bytes: Uint8Array, at: number): boolean => {
  const c = bytes[at]!
  if (TEXT_STOPS[c] === 0) return false
  if (c === BRACKET) return bytes[at + 1] === BRACKET && bytes[at + 2] === GREATER
  return c !== 0xef || isNonCharacter(bytes, at)
}

/** Where a run of plain text ends: at a byte that stops text, or at `end`. */
const textEnd = (source: DataView, bytes: Uint8Array, start: number, end: number): number => {
  const lastWord = end - 4
  let p = start
  for (;;) {
    let marks = 0
    while (p <= lastWord && (marks = textMarks(source.getInt32(p, true))) === 0) p += 4
    if (p > lastWord) break
    p += firstMark(marks)
    if (stopsText(bytes, p)) return p
    p++
  }
  while (p < end && !stopsText(bytes, p)) p++
  return p
}

/**
 * Scans XML messages (XML 1.0, 5th edition, without DTDs) into columns. Strict: a message that is not well-formed gives
 * no row, wherever the fault is. Namespaces are not resolved. Not checked: that the bytes are UTF-8; the caller does.
 *
 * The bytes around [start, end) may be read but never matter: each token that ends past `end` is caught by the next
 * look at the position. That saves a bound check per byte.
 */
export class XmlScanner {
  readonly #program: XmlProgram
  readonly #faults = new FaultCell()
  readonly #writer: RowWriter
  readonly #references: ReferenceReader
  readonly #attributes: AttributeReader
  readonly #raw: RawReader
  readonly #declaration: DeclarationReader
  readonly #name = new NameReader()
  /** Per open element: where its name is in the message, and its state. */
  readonly #nameAt: Int32Array
  readonly #nameLength: Int32Array
  readonly #states: Int32Array
  /** Per state: the edge that most likely comes next, or -1. Messages repeat their order. */
  readonly #hint: Int32Array
  #start = 0
  #end = 0

  constructor(program: XmlProgram, columns: readonly ColumnArena[]) {
    const { limits } = program
    this.#program = program
    this.#writer = new RowWriter(program)
    this.#references = new ReferenceReader(this.#faults)
    this.#attributes = new AttributeReader(program, this.#faults, this.#references, this.#writer)
    this.#raw = new RawReader(this.#faults, this.#writer, limits.text_bytes_max)
    this.#declaration = new DeclarationReader(this.#faults)
    this.#nameAt = new Int32Array(limits.depth_max + 1)
    this.#nameLength = new Int32Array(limits.depth_max + 1)
    this.#states = new Int32Array(limits.depth_max + 1)
    this.#hint = Int32Array.from(program.flags, (_, s) =>
      program.edgeStart[s] === program.edgeStart[s + 1] ? -1 : program.edgeStart[s]!,
    )
    this.bind(columns)
  }

  /** One arena per column of the spec; they must hold equally many rows. */
  bind(columns: readonly ColumnArena[]): void {
    this.#writer.columns = columns
  }

  /** Why the last `scan` returned -1. */
  get fault(): XmlFault {
    const { kind, detail, at } = this.#faults
    const length = this.#end - this.#start
    if (kind === 'malformed' && at >= this.#end && !detail.startsWith('the message'))
      return { kind, detail: 'the message ends too early', at: length }
    return { kind, detail, at: Math.min(at - this.#start, length) }
  }

  /** Appends the rows of the message `bytes[start, end)` and returns their number, or -1: see `fault`, nothing appended. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.#start = start
    this.#end = end
    this.#writer.begin(bytes)
    let p = this.#declaration.read(bytes, start, end)
    if (p >= 0) p = this.#outside(bytes, p, end)
    if (p >= end) p = this.#faults.malformed('the message has no element', end)
    if (p >= 0) p = this.#root(bytes, p, end)
    if (p >= 0) p = this.#outside(bytes, p, end)
    if (p >= 0 && p < end) p = this.#faults.malformed('a second element after the root', p)
    if (p >= 0) return this.#writer.rows
    this.#writer.rollback()
    return -1
  }

  /** White space, comments and instructions around the root. Position of the next tag, or `end`, or -1. */
  #outside(bytes: Uint8Array, at: number, end: number): number {
    let p = at
    while (p < end) {
      const c = bytes[p]
      if (isSpace(c)) p++
      else if (c !== LESS) return this.#faults.malformed('text outside the root element', p)
      else if (bytes[p + 1] !== BANG && bytes[p + 1] !== QUESTION) return p
      else if ((p = this.#raw.read(bytes, p, end, 0)) < 0) return -1
    }
    return p > end ? this.#faults.malformed('the message ends too early', end) : end
  }

  /** The root element from its `<` on. Position after its end tag, or -1. */
  #root(bytes: Uint8Array, at: number, end: number): number {
    const { flags, edgeTarget, edgeNameAt, edgeNameLength, edgeLeaf, edgeStart, names, trim, limits } = this.#program
    const nameAt = this.#nameAt
    const nameLength = this.#nameLength
    const states = this.#states
    const hint = this.#hint
    const writer = this.#writer
    const source = writer.source
    let depth = 0
    let state = DOCUMENT
    states[0] = DOCUMENT
    let p = at
    for (;;) {
      const q = textEnd(source, bytes, p, end)
      if (q >= end) return this.#unclosed(bytes, depth, end)
      if (q > p) {
        if (q - p > limits.text_bytes_max) return this.#faults.fail('limit', 'text is longer than text_bytes_max', p)
        if (writer.active !== 0) writer.text(bytes, p, q, depth)
      }
      if (bytes[q] !== LESS) {
        p = this.#special(bytes, q, end, depth)
        if (p < 0) return -1
        continue
      }
      const next = bytes[q + 1]
      let closing = true
      if (next === SLASH) {
        const length = nameLength[depth]!
        p = q + 2 + length
        if (!sameBytes(source, nameAt[depth]!, source, q + 2, length)) return this.#mismatch(bytes, q, depth)
        while (bytes[p] !== GREATER) {
          if (p >= end || !isSpace(bytes[p])) return this.#mismatch(bytes, q, depth)
          p++
        }
        p++
      } else if (next === BANG || next === QUESTION) {
        p = this.#raw.read(bytes, q, end, depth)
        if (p < 0) return -1
        continue
      } else {
        const e = hint[state]!
        let target = -1
        if (e >= 0) {
          const length = edgeNameLength[e]!
          p = q + 1 + length
          if (sameBytes(names, edgeNameAt[e]!, source, q + 1, length)) {
            const after = bytes[p]!
            if (after === GREATER) {
              // The commonest element by far is a wanted leaf of plain text: it needs no stack.
              const column = edgeLeaf[e]!
              hint[state] = e + 1 < edgeStart[state + 1]! ? e + 1 : edgeStart[state]!
              if (column >= 0 && writer.active === 0 && writer.seen[column] === 0) {
                const from = p + 1
                const to = textEnd(source, bytes, from, end)
                const closed =
                  bytes[to] === LESS &&
                  bytes[to + 1] === SLASH &&
                  bytes[to + 2 + length] === GREATER &&
                  sameBytes(source, q + 1, source, to + 2, length)
                if (closed && to - from <= limits.text_bytes_max) {
                  let first = from
                  let last = to
                  if (trim) {
                    while (first < last && isSpace(bytes[first])) first++
                    while (last > first && isSpace(bytes[last - 1])) last--
                  }
                  writer.value(column, first, last)
                  p = to + 3 + length
                  continue
                }
              }
              target = edgeTarget[e]!
            } else if (after < 0x80 && NAME_CLASSES[after] === 0) {
              hint[state] = e + 1 < edgeStart[state + 1]! ? e + 1 : edgeStart[state]!
              target = edgeTarget[e]!
            }
          }
        }
        if (target < 0) {
          p = this.#name.read(bytes, q + 1, end)
          if (p < 0) return this.#faults.malformed(`'<' is followed by no name`, q)
          target = this.#find(q + 1, p, state)
        }
        if (depth === limits.depth_max)
          return this.#faults.fail('limit', `elements are nested more than ${depth} deep`, q)
        depth++
        nameAt[depth] = q + 1
        nameLength[depth] = p - q - 1
        states[depth] = target
        state = target
        if ((flags[target]! & HAS_CAPTURES) !== 0) this.#capture(target, depth)
        closing = false
        if (bytes[p] === GREATER) p++
        else {
          p = this.#attributes.read(bytes, p, end, target)
          if (p < 0) return -1
          closing = this.#attributes.selfClosed
        }
      }
      if (closing) {
        if (writer.active !== 0 && !writer.release(depth))
          return this.#faults.fail('limit', 'a value is longer than text_bytes_max', p)
        if ((flags[state]! & (IS_ROW | IS_NESTED)) !== 0 && !this.#ended(flags[state]!, p)) return -1
        depth--
        if (depth === 0) return p > end ? this.#unclosed(bytes, 1, end) : p
        state = states[depth]!
      }
    }
  }

  #capture(state: number, depth: number): void {
    const { captureStart, captureColumn, captureOwn } = this.#program
    for (let i = captureStart[state]!; i < captureStart[state + 1]!; i++)
      this.#writer.capture(captureColumn[i]!, captureOwn[i]!, depth)
  }

  /** Ends a nested row or a row. False: a limit is passed. */
  #ended(flags: number, at: number): boolean {
    const writer = this.#writer
    const { rows_max, column_bytes_max } = this.#program.limits
    if ((flags & IS_NESTED) !== 0) writer.endNested()
    if ((flags & IS_ROW) !== 0 && !writer.endRow()) {
      this.#faults.fail('limit', `repeating a value for its nested rows takes more than ${column_bytes_max} bytes`, at)
      return false
    }
    if (writer.rows <= rows_max) return true
    this.#faults.fail('limit', `the message has more than ${rows_max} rows`, at)
    return false
  }

  /** A byte that stops text but is no `<`: position after what it starts, or -1. */
  #special(bytes: Uint8Array, at: number, end: number, depth: number): number {
    const writer = this.#writer
    const c = bytes[at]
    if (c === AMPERSAND) {
      const after = this.#references.read(bytes, at, end)
      if (after >= 0 && writer.active !== 0) writer.text(this.#references.bytes, 0, this.#references.length, depth)
      return after
    }
    if (c === CR) {
      writer.text(LF_BYTE, 0, 1, depth)
      return bytes[at + 1] === LF ? at + 2 : at + 1
    }
    return this.#faults.malformed(c === BRACKET ? `']]>' in text` : 'a character that XML forbids', at)
  }

  /** State of a child element by its name, which `#name` has just read; also moves the hint. */
  #find(at: number, end: number, state: number): number {
    const { edgeTarget, edgeStart, otherwise, anyQualified } = this.#program
    if (edgeStart[state] === edgeStart[state + 1]) return state === SKIPPED ? SKIPPED : otherwise[state]!
    const { hash, localHash, localAt } = this.#name
    let edge = -1
    if (anyQualified && localAt !== at) edge = this.#edge(at, end, state, hash, 1)
    if (edge < 0) edge = this.#edge(localAt, end, state, localHash, 0)
    if (edge < 0) return otherwise[state]!
    this.#hint[state] = edge + 1 < edgeStart[state + 1]! ? edge + 1 : edgeStart[state]!
    return edgeTarget[edge]!
  }

  #edge(at: number, end: number, state: number, hash: number, qualified: number): number {
    const { table, edgeStart, edgeNameAt, edgeNameLength, edgeQualified, names } = this.#program
    const mask = table.length - 1
    for (let slot = edgeSlot(state, hash, mask); table[slot] !== 0; slot = (slot + 1) & mask) {
      const edge = table[slot]! - 1
      if (edge < edgeStart[state]! || edge >= edgeStart[state + 1]! || edgeQualified[edge] !== qualified) continue
      const length = edgeNameLength[edge]!
      if (length === end - at && sameBytes(names, edgeNameAt[edge]!, this.#writer.source, at, length)) return edge
    }
    return -1
  }

  #mismatch(bytes: Uint8Array, at: number, depth: number): number {
    const open = excerpt(bytes, this.#nameAt[depth]!, this.#nameAt[depth]! + this.#nameLength[depth]!)
    const to = this.#name.read(bytes, at + 2, this.#end)
    return this.#faults.malformed(`tag </${to < 0 ? '' : excerpt(bytes, at + 2, to)}> closes <${open}>`, at)
  }

  #unclosed(bytes: Uint8Array, depth: number, end: number): number {
    const open = excerpt(bytes, this.#nameAt[depth]!, this.#nameAt[depth]! + this.#nameLength[depth]!)
    return this.#faults.malformed(`the message ends before <${open}> is closed`, end)
  }
}
