/**
 * What a producer knows to be true of what it sent: every row that must be in the table, once, and where. Written from
 * the generator's truth and the broker's acknowledgements, never from Millrace's own records.
 */
export interface LedgerRow {
  readonly id: string
  /** Value of the partition column as it stands in the path, unescaped: `2026-01-31`. */
  readonly partition: string
  /** Any text that must have survived unchanged: a title, a payload hash. */
  readonly payload: string
}

/** Columns of the table that the ledger speaks of, as SQL expressions over it. */
export interface LedgerColumns {
  readonly id: string
  readonly partition: string
  readonly payload: string
}
