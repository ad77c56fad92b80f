import { defineErrors } from './registry.ts'

/** Errors of the commit protocol. */
export const protocolErrors = defineErrors({
  ENG_PROTOCOL_FENCED: { fault: 'environment', exit: 3, summary: 'Another worker has taken over this pipeline.' },
  ENG_PROTOCOL_CHAIN_BROKEN: {
    fault: 'environment',
    summary: 'The commit log has a gap or a record that does not follow from the one before.',
  },
})
