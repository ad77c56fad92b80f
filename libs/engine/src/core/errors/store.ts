import { defineErrors } from './registry.ts'

/** Errors of storage, by meaning. `libs/storage` throws StorageError; the engine maps its kind to one of these. */
export const storeErrors = defineErrors({
  ENG_STORE_UNAVAILABLE: { fault: 'environment', retryable: true, summary: 'The store did not answer.' },
  ENG_STORE_REFUSED: {
    fault: 'environment',
    summary: 'The store refused the call (permission, path, or an operation that it does not have).',
  },
  ENG_STORE_CORRUPT: { fault: 'environment', summary: 'The store holds other bytes than were written.' },
  ENG_STORE_UNSAFE: {
    fault: 'environment',
    summary: 'The store ignores create-if-absent, so exactly-once cannot be kept there.',
    hint: 'Use another store, or one of its versions that honours the condition: docs/protocol.md.',
  },
  ENG_STORE_COMMITTED_FILE_MISSING: { fault: 'environment', summary: 'A file that a commit names is gone.' },
  ENG_STORE_FULL: {
    fault: 'environment',
    retryable: true,
    summary: 'The store has no room left.',
    hint: 'Free some room: the run goes on by itself.',
  },
})
