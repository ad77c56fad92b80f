import type { ConsumptionPlan } from '../plan/consumption-plan.ts'
import type { BatchInput, BatchOutput, Session } from './session-port.ts'

/** A session in this thread. Use `createSessionWorker` in the application: the arena is served by the event loop. */
export const createSession = (): Session => new DuckdbSession()

export class DuckdbSession implements Session {
  async open(_plan: ConsumptionPlan, _folders: { readonly work: string }): Promise<void> {
    throw new Error('being built')
  }
  async restore(_files: Parameters<Session['restore']>[0]): Promise<void> {
    throw new Error('being built')
  }
  async execute(_input: BatchInput): Promise<BatchOutput> {
    throw new Error('being built')
  }
  async close(): Promise<void> {}
}
