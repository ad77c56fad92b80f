/** A process of the simulation. It moves only when one of the operations that it waits for is granted. */
export interface Process {
  readonly name: string
  readonly waiting: { readonly operation: string; readonly grant: () => void }[]
  /** Crashed: what it waits for is never granted, as if the machine had been switched off. */
  dead: boolean
  done: boolean
  pausedFor: number
}

/**
 * Cooperative scheduling of real async code: every storage call and every sleep takes a ticket, and one ticket is
 * granted at a time. No timer and no I/O is involved, so the seed decides the order of everything.
 */
export class Scheduler {
  readonly processes: Process[] = []
  /** When true, tickets are granted at once: for looking at the result with the same code. */
  free = false

  spawn(name: string, program: (process: Process) => Promise<void>, onError: (error: unknown) => void): Process {
    const process: Process = { name, waiting: [], dead: false, done: false, pausedFor: 0 }
    this.processes.push(process)
    program(process).then(
      () => {
        process.done = true
      },
      (error: unknown) => {
        process.done = true
        if (!process.dead) onError(error)
      },
    )
    return process
  }

  ticket(process: Process, operation: string): Promise<void> {
    if (this.free) return Promise.resolve()
    return new Promise((grant) => process.waiting.push({ operation, grant }))
  }

  /** Grants one of the process's tickets; resolves when all code has run as far as it can. */
  async grant(process: Process, pick: number): Promise<string> {
    const [ticket] = process.waiting.splice(pick, 1)
    ticket?.grant()
    await this.quiet()
    return ticket?.operation ?? ''
  }

  /** Microtasks run before the next turn of the event loop: after it, everybody waits for a ticket or has ended. */
  quiet(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}
