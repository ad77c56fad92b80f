import { defineErrors } from './registry.ts'

/** Errors of the commit protocol. */
export const protocolErrors = defineErrors({
  ENG_PROTOCOL_FENCED: { fault: 'environment', exit: 3, summary: 'Another worker has taken over this pipeline.' },
  ENG_PROTOCOL_CHAIN_BROKEN: {
    fault: 'environment',
    summary: 'The commit log has a gap or a record that does not follow from the one before.',
    hint: 'Do not delete or edit files under _millrace. Restore them from a backup; millrace verify lists what is wrong.',
  },
  ENG_PROTOCOL_RECORD_INVALID: {
    fault: 'environment',
    summary: 'A record of the commit log is torn, foreign, or of a format that this version does not know.',
  },
  ENG_PROTOCOL_OTHER_STATE: {
    fault: 'user',
    summary: 'The table is written by another state under the same pipeline name.',
    hint: 'Run with the --state that it was written with, or give the pipeline or the LOCATION another name.',
  },
})
