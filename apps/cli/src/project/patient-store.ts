import { systemClock, systemRandom } from '@millrace/engine/runtime/system.ts'
import type { StorageAdapter } from '@millrace/storage'
import { retryStorage } from '@millrace/storage/wrap'

/** For reading outside of a commit log, which repeats by itself: who only looks gives up sooner than a run does. */
export const patientStore = (store: StorageAdapter): StorageAdapter =>
  retryStorage(store, { clock: systemClock, random: systemRandom, retries_max: 4, pause_ms_max: 2_000 })
