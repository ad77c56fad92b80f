import { ERRORS, type ErrorCode, MillraceError } from '../core/errors/index.ts'
import type { FaultRule, StreamPlan } from '../plan/consumption-plan.ts'
import type { DecodeReject } from '../runtime/segment.ts'
import { type SegmentView, viewOfRow } from './segment-view.ts'
import type { FaultyRows } from './typed-stage.ts'

/** One dead letter: a row with its faults, or a whole message that could not be decoded. */
export type DeadLetter =
  | {
      readonly kind: 'row'
      readonly view: SegmentView
      readonly message: number
      /** Row of the segment. */
      readonly row: number
      /** Indexes into the stream's faults; shared between rows with the same faults. */
      readonly faults: readonly number[]
    }
  | { readonly kind: 'message'; readonly view: SegmentView; readonly message: number; readonly reject: DecodeReject }

export interface Verdict {
  /** By segment, then message, then row. */
  readonly deadLetters: readonly DeadLetter[]
  readonly dropped: number
  readonly warned: number
  readonly byRule: Readonly<Record<string, number>>
}

interface RowVerdict {
  readonly action: 'fail' | 'dead_letter' | 'drop' | 'stay'
  /** The faults that a dead letter tells of. */
  readonly reasons: readonly number[]
  readonly rules: readonly string[]
}

export const ruleName = (fault: FaultRule): string => fault.constraint ?? fault.rule

/** Answers, for a row's mask, which faults struck; the same array for the same mask. */
const faultSets = (faulty: FaultyRows) => {
  const known = new Map<string, readonly number[]>()
  return (at: number): readonly number[] => {
    const { words, masks } = faulty
    let key = ''
    for (let w = 0; w < words; w++) key += `${masks[at * words + w]!},`
    const found = known.get(key)
    if (found !== undefined) return found
    const struck: number[] = []
    for (let w = 0; w < words; w++) {
      for (let bit = 0; bit < 32; bit++) if ((masks[at * words + w]! >>> bit) & 1) struck.push(w * 32 + bit)
    }
    known.set(key, struck)
    return struck
  }
}

const stopAt = (
  code: string,
  message: string,
  view: SegmentView,
  messageIndex: number,
  constraint?: string,
): MillraceError => {
  const known: ErrorCode = code in ERRORS ? (code as ErrorCode) : 'ENG_DATA_CHECK'
  const what = constraint === undefined ? message : `${constraint}: ${message}`
  return new MillraceError(known, what, {
    topic: view.segment.topic,
    partition: view.segment.partition,
    offset: view.offsets[messageIndex]!,
    hint: 'The stream says FAIL for such records. ON ERROR DEAD LETTER sets them aside instead.',
  })
}

const faultText = (fault: FaultRule): string =>
  fault.column === undefined ? fault.message : `column ${fault.column} ${fault.message}`

/**
 * Decides what becomes of faulty rows and undecodable messages. Of the faults of one row the strictest action counts:
 * fail, dead letter, drop, then null and warn, which leave it in. A message that cannot be decoded has no column to
 * make NULL, so that it is a dead letter under ON ERROR NULL too. Throws the first record's error under FAIL.
 */
export const judge = (stream: StreamPlan, views: readonly SegmentView[], faulty: FaultyRows): Verdict => {
  const letters: DeadLetter[] = []
  const byRule: Record<string, number> = {}
  let dropped = 0
  let warned = 0
  const strike = (rule: string): void => {
    byRule[rule] = (byRule[rule] ?? 0) + 1
  }
  const setOf = faultSets(faulty)
  const judged = new Map<readonly number[], RowVerdict>()
  const verdictOf = (struck: readonly number[]): RowVerdict => {
    const found = judged.get(struck)
    if (found !== undefined) return found
    const has = (action: string) => struck.some((f) => stream.faults[f]?.action === action)
    const action = has('fail') ? 'fail' : has('dead_letter') ? 'dead_letter' : has('drop') ? 'drop' : 'stay'
    const reasons = struck.filter((f) => stream.faults[f]?.action === 'dead_letter')
    const rules = [...new Set(struck.map((f) => ruleName(stream.faults[f]!)))]
    const verdict: RowVerdict = { action, reasons, rules }
    judged.set(struck, verdict)
    return verdict
  }
  for (const view of views) {
    for (const reject of view.segment.rejects) {
      if (stream.onError === 'fail') throw stopAt(reject.code, reject.detail, view, reject.message)
      strike(reject.code)
      if (stream.onError === 'drop') dropped++
      else letters.push({ kind: 'message', view, message: reject.message, reject })
    }
  }
  const messageLetters = letters.length
  for (let at = 0; at < faulty.count; at++) {
    const struck = setOf(at)
    const verdict = verdictOf(struck)
    const view = viewOfRow(views, faulty.rows[at]!)
    const row = faulty.rows[at]! - view.firstRow
    const message = view.rowMessage[row]!
    if (verdict.action === 'fail') {
      const fault = struck.map((f) => stream.faults[f]!).find((f) => f.action === 'fail')!
      throw stopAt(fault.rule, faultText(fault), view, message, fault.constraint)
    }
    for (const rule of verdict.rules) strike(rule)
    if (verdict.action === 'dead_letter') letters.push({ kind: 'row', view, message, row, faults: verdict.reasons })
    else if (verdict.action === 'drop') dropped++
    else warned++
  }
  if (messageLetters > 0 && messageLetters < letters.length) {
    letters.sort((a, b) => a.view.index - b.view.index || a.message - b.message)
  }
  return { deadLetters: letters, dropped, warned, byRule }
}
