import { setMaxListeners } from 'node:events'
import { MillraceError } from '../core/errors/index.ts'
import type { Clock } from '../core/ports.ts'

/**
 * Watches troubles of any part (feed, store, the run itself). The signal fires, with ENG_RUN_GAVE_UP as its reason,
 * when one of them has lasted for `giveUpAfter_ms` without a break. Without a limit it never fires.
 */
export class Patience {
  readonly #clock: Clock
  readonly #giveUpAfter_ms: number | undefined
  readonly #onTrouble: (message: string | undefined) => void
  readonly #running = new Map<string, AbortController>()
  readonly #abort = new AbortController()

  constructor(clock: Clock, giveUpAfter_ms: number | undefined, onTrouble: (message: string | undefined) => void) {
    this.#clock = clock
    this.#giveUpAfter_ms = giveUpAfter_ms
    this.#onTrouble = onTrouble
    // Every call that is under way in a store listens to it.
    setMaxListeners(0, this.#abort.signal)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** A part says what it retries; undefined: it works again. */
  trouble(part: string, message: string | undefined): void {
    if (message === undefined) {
      this.#running.get(part)?.abort()
      if (this.#running.delete(part) && this.#running.size === 0) this.#onTrouble(undefined)
      return
    }
    this.#onTrouble(message)
    if (this.#running.has(part)) return
    const timer = new AbortController()
    this.#running.set(part, timer)
    if (this.#giveUpAfter_ms !== undefined) void this.#expire(this.#giveUpAfter_ms, message, timer.signal)
  }

  /** Something was committed, so whatever was complained of is not in the way. Also ends all timers. */
  calm(): void {
    for (const timer of this.#running.values()) timer.abort()
    this.#running.clear()
  }

  async #expire(after_ms: number, message: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(after_ms, signal)
    } catch {
      return
    }
    this.#abort.abort(new MillraceError('ENG_RUN_GAVE_UP', `Gave up after ${after_ms / 1_000} s: ${message}`))
  }
}
