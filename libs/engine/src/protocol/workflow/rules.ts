import { nameAttempt } from '../decide/attempt.ts'
import { decideChain } from '../decide/chain.ts'
import { decideOutcome } from '../decide/outcome.ts'
import { decideFence, decideRecover } from '../decide/recover.ts'
import { decideRestore, stateBaseOf } from '../decide/state.ts'
import { decideVacuum } from '../decide/vacuum.ts'

/** The pure decisions that the workflows ask. They are a value, so that the simulator can show what each one is for. */
export const RULES = {
  nameAttempt,
  decideChain,
  decideOutcome,
  decideFence,
  decideRecover,
  decideRestore,
  stateBaseOf,
  decideVacuum,
}

export type Rules = typeof RULES
