import type { ColumnArena } from '@millrace/xml'
import type { ErrorCode } from '../core/errors/index.ts'

export interface DecodeReason {
  /** A code of core/errors/data.ts. */
  readonly code: ErrorCode
  /** What and where, for people: `tag </bok> closes <book> at byte 120`. */
  readonly detail: string
}

/** Turns one message at a time into rows of its columns' arenas. Not re-entrant. Holds on to the last message's buffer until the next one. */
export interface Decoder {
  /** One per entry of the plan's `columns`, in that order. */
  readonly columns: readonly ColumnArena[]
  /** From now on rows go to these arenas, which must hold equally many rows. */
  bind(columns: readonly ColumnArena[]): void
  /**
   * Decodes `bytes[start, end)`, which must be valid UTF-8 and at least one byte long. Returns the number of rows
   * appended to every column (at least 1), or -1: nothing was appended and `reject` says why.
   */
  decode(bytes: Uint8Array, start: number, end: number): number
  /** The reason of the last -1; made when asked for, so ask before the next `decode`. */
  readonly reject: DecodeReason
}
