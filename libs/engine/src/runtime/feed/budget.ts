/**
 * How much may be read ahead. Bytes are record bytes: those of segments that wait for the next batch (`ready`) and of
 * those that a batch being executed still holds (`lent`).
 */
export class Budget {
  /** Of one batch; two batches may be in memory at once. */
  batch_bytes: number
  batch_rows: number
  readyBytes = 0
  readyRows = 0
  lentBytes = 0

  constructor(batch_bytes: number, batch_rows: number) {
    this.batch_bytes = batch_bytes
    this.batch_rows = batch_rows
  }

  /**
   * May a source with so much of its own waiting read on, when it shares the budget with `sources` in all? One that has
   * nothing waiting always may, so that a message above the budget cannot stop everything.
   */
  hasRoom(own: { readonly bytes: number; readonly rows: number }, sources: number): boolean {
    if (own.bytes === 0) return true
    const share = own.bytes < this.batch_bytes / sources && own.rows < this.batch_rows / sources
    return share && this.readyBytes + this.lentBytes < 2 * this.batch_bytes
  }
}
