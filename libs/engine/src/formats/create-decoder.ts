import { type Allocate, ColumnArena, compileXml, type XmlFaultKind, XmlScanner } from '@millrace/xml'
import { type ErrorCode, MillraceError } from '../core/errors/index.ts'
import type { Limits } from '../core/limits.ts'
import type { DecodePlan } from '../plan/consumption-plan.ts'
import type { Decoder, DecodeReason } from './decoder.ts'
import { compileJson } from './json/compile.ts'
import type { JsonFault } from './json/fault.ts'
import { JsonScanner } from './json/scanner.ts'

interface Fault {
  readonly kind: XmlFaultKind | JsonFault['kind']
  readonly detail: string
  readonly at: number
}

interface Scanner {
  readonly fault: Fault
  bind(columns: readonly ColumnArena[]): void
  scan(bytes: Uint8Array, start: number, end: number): number
}

const codeOf = (format: DecodePlan['kind'], kind: Fault['kind']): ErrorCode => {
  if (kind === 'limit') return 'ENG_DATA_LIMIT'
  if (kind === 'doctype') return 'ENG_DATA_XML_DOCTYPE'
  if (kind === 'encoding') return 'ENG_DATA_NOT_UTF8'
  return format === 'xml' ? 'ENG_DATA_XML' : 'ENG_DATA_JSON'
}

class ScannerDecoder implements Decoder {
  columns: readonly ColumnArena[]
  readonly #plan: DecodePlan
  readonly #scanner: Scanner
  #noRows = false

  constructor(plan: DecodePlan, scanner: Scanner, columns: readonly ColumnArena[]) {
    this.columns = columns
    this.#plan = plan
    this.#scanner = scanner
  }

  bind(columns: readonly ColumnArena[]): void {
    this.columns = columns
    this.#scanner.bind(columns)
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    const rows = this.#scanner.scan(bytes, start, end)
    this.#noRows = rows === 0
    return rows === 0 ? -1 : rows
  }

  get reject(): DecodeReason {
    if (this.#noRows) return { code: 'ENG_DATA_NO_ROWS', detail: `nothing in the message matches ${this.#plan.row}` }
    const { kind, detail, at } = this.#scanner.fault
    return { code: codeOf(this.#plan.kind, kind), detail: `${detail} at byte ${at}` }
  }
}

const makeScanner = (plan: DecodePlan, limits: Limits, columns: readonly ColumnArena[]): Scanner => {
  const common = { rows_max: limits.rows_per_message_max, column_bytes_max: limits.batch_bytes_max }
  if (plan.kind === 'json') {
    const compiled = compileJson({ ...plan, limits: { depth_max: limits.json_depth_max, ...common } })
    if (compiled.kind === 'program') return new JsonScanner(compiled.program, columns)
    throw new MillraceError('ENG_BUG', `a plan with a bad path: ${compiled.message}`)
  }
  const compiled = compileXml({
    ...plan,
    limits: {
      depth_max: limits.xml_depth_max,
      attributes_max: limits.xml_attributes_max,
      attribute_bytes_max: limits.xml_attribute_bytes_max,
      text_bytes_max: limits.xml_text_bytes_max,
      ...common,
    },
  })
  if (compiled.kind === 'program') return new XmlScanner(compiled.program, columns)
  throw new MillraceError('ENG_BUG', `a plan with a bad path: ${compiled.message}`)
}

/**
 * The decoder of a plan's messages, with arenas made by `allocate`; {@link Decoder.bind} gives it others. The plan's
 * paths were checked when it was made (`checkDecodePath`); a bad one here is a bug.
 */
export const createDecoder = (plan: DecodePlan, limits: Limits, allocate: Allocate): Decoder => {
  const columns = plan.columns.map(() => new ColumnArena(allocate))
  return new ScannerDecoder(plan, makeScanner(plan, limits, columns), columns)
}
