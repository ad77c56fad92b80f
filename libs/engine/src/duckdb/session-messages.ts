import type { PlainError } from '../core/errors/index.ts'
import type { Session } from './session-port.ts'

/** What passes between a session's client (main thread) and its worker. Answers come in the order of the calls. */
export type SessionMethod = 'open' | 'restore' | 'execute' | 'close'

export type SessionRequest = {
  [M in SessionMethod]: { readonly call: number; readonly method: M; readonly args: Parameters<Session[M]> }
}[SessionMethod]

export type SessionReply =
  | { readonly call: number; readonly ok: true; readonly value: unknown }
  | { readonly call: number; readonly ok: false; readonly error: PlainError }
