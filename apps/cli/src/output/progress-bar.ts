import { formatCount, formatDuration } from './units.ts'
import type { Terminal } from './terminal.ts'

const REDRAW_MS_MIN = 100
const BAR_WIDTH = 24

/** One line at the bottom of a terminal, redrawn in place; other lines are said above it. */
export class ProgressBar {
  readonly #terminal: Terminal
  readonly #started_ms = performance.now()
  #drawn_ms = Number.NEGATIVE_INFINITY
  #visible = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** `total` is what was known to be there; a live stream without an end has a share of 1 when it keeps up. */
  update(done: number, total: number, rows: number, note = ''): void {
    const now_ms = performance.now()
    if (now_ms - this.#drawn_ms < REDRAW_MS_MIN && done < total) return
    this.#drawn_ms = now_ms
    const share = total > 0 ? Math.min(1, done / total) : 1
    const filled = Math.round(share * BAR_WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    const took_ms = now_ms - this.#started_ms
    const rate = Math.round((done / Math.max(1, took_ms)) * 1_000)
    const text = `${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${formatCount(done)} messages  ${formatCount(rows)} rows  ${formatCount(rate)}/s  ${formatDuration(took_ms)}  ${note}`
    this.#terminal.draw(`\r${text.slice(0, Math.max(20, this.#terminal.columns - 1))}\x1b[K`)
    this.#visible = true
  }

  /** Takes the line away, so that something can be said. */
  clear(): void {
    if (this.#visible) this.#terminal.draw('\r\x1b[K')
    this.#visible = false
    this.#drawn_ms = Number.NEGATIVE_INFINITY
  }
}
