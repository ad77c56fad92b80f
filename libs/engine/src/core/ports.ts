/** What pure code needs from the world. The application hands in the real ones; the simulator hands in its own. */
export interface Clock {
  /** Wall-clock time, for records that people read. Nothing is decided by it. */
  now_ms(): number
  /** Monotonic, for durations and timeouts. */
  monotonic_ms(): number
  /** Resolves after the time has passed, or rejects with the signal's reason. */
  sleep(duration_ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Lower-case hexadecimal digits, `bytes * 2` of them, unpredictable in production. */
  hex(bytes: number): string
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}
