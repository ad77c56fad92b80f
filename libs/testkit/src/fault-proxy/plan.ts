/** A request as the proxy got it. */
export interface ProxiedRequest {
  /** From 1, over the life of the proxy, in order of arrival. */
  readonly n: number
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What happens to one request instead of being passed through. */
export type Fault =
  /** The proxy answers; the server never sees the request. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** The server applies the request; the client gets this answer instead of the server's. */
  | {
      readonly kind: 'answer_after'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** Sent elsewhere; the server never sees the request. Default 307. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** TCP reset of the client once this much of the request's body came (0: at once); the server's side is cut too. */
  | { readonly kind: 'reset_request'; readonly after_bytes: number }
  /** The server applies the request; the client gets a TCP reset instead of the answer. */
  | { readonly kind: 'reset_after' }
  /** Never forwarded, never answered: the client must give up by itself. */
  | { readonly kind: 'timeout_before' }
  /** The server applies the request; the client never hears of it and must give up by itself. */
  | { readonly kind: 'timeout_after' }
  /** The client gets a TCP reset now, and the server gets the whole request this much later. */
  | { readonly kind: 'late'; readonly delay_ms: number }
  /** Both directions of the body run at this speed. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Status and headers as the server sent them, then this much of the body, then the connection ends. */
  | { readonly kind: 'truncate_response'; readonly after_bytes: number }
  /** Runs before the request is passed on, unchanged: for stores that do not keep their promises. */
  | { readonly kind: 'prepare'; readonly run: () => Promise<void> }

/** Decides for one request; undefined passes it through. */
export type FaultPlan = (request: ProxiedRequest) => Fault | undefined

/** The whole plan of one run from its seed: each request fails with probability `rate`, by one of `faults`. */
export const randomFaultPlan = (random: () => number, rate: number, faults: readonly Fault[]): FaultPlan => {
  return () => (random() < rate ? faults[Math.floor(random() * faults.length)] : undefined)
}

/** Fails the n-th request (from 1, counted by the plan itself) and no other. */
export const nthRequestPlan = (n: number, fault: Fault): FaultPlan => {
  let seen = 0
  return () => {
    seen += 1
    return seen === n ? fault : undefined
  }
}
