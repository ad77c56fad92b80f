import type { PlainError } from '../../core/errors/index.ts'
import type { Positions } from '../../core/positions.ts'
import type { ConsumptionPlan } from '../../plan/consumption-plan.ts'
import type { FeedRequest } from '../feed-port.ts'
import type { Committed } from './start-positions.ts'

/** What passes from a feed's client (main thread) to its worker. Those with a `call` are answered. */
export type FeedCall =
  | { readonly kind: 'open'; readonly plan: ConsumptionPlan; readonly committed: Committed | undefined }
  | { readonly kind: 'next'; readonly request: FeedRequest }
  | { readonly kind: 'acknowledge'; readonly positions: Positions }
  | { readonly kind: 'close' }

export type FeedCommand = { readonly kind: 'interrupt' } | { readonly kind: 'release'; readonly ids: readonly number[] }

export type FeedMessage = (FeedCall & { readonly call: number }) | FeedCommand

export type FeedReply =
  | { readonly kind: 'value'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly error: PlainError }
  | { readonly kind: 'trouble'; readonly message: string | undefined }
