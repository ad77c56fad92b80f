import { defineErrors } from './registry.ts'

/** Errors of storage, by meaning. `libs/storage` throws StorageError; the engine maps its kind to one of these. */
export const storeErrors = defineErrors({
  ENG_STORE_UNAVAILABLE: { fault: 'environment', retryable: true, summary: 'The store did not answer.' },
  ENG_STORE_COMMITTED_FILE_MISSING: { fault: 'environment', summary: 'A file that a commit names is gone.' },
  ENG_STORE_FULL: {
    fault: 'environment',
    retryable: true,
    summary: 'The store has no room left.',
    hint: 'Free some room: the run goes on by itself.',
  },
})
