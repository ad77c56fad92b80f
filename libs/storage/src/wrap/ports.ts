/** What decorators need from the world; the engine's own ports fit. */
export interface Clock {
  /** Monotonic. */
  monotonic_ms(): number
  /** Resolves after the time has passed, or rejects with the signal's reason. */
  sleep(duration_ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
}
