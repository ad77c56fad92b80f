/** Lets one loop sleep until another part says that something has changed. */
export class Signal {
  #waiting: (() => void)[] = []

  /** Wakes all who wait. */
  notify(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves at the next `notify`, or after `timeout_ms`. */
  wait(timeout_ms?: number): Promise<void> {
    return new Promise((resolve) => {
      if (timeout_ms === undefined) {
        this.#waiting.push(resolve)
        return
      }
      const timer = setTimeout(resolve, timeout_ms)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
