import { defineErrors } from './registry.ts'

/** Errors of the command line and of running pipelines. */
export const runtimeErrors = defineErrors({
  ENG_RUN_GAVE_UP: { fault: 'environment', summary: 'The pipeline could not go on within --give-up-after.' },
  ENG_BUG: {
    fault: 'bug',
    summary: 'Millrace broke one of its own assertions.',
    hint: 'Please report it with the message and the stack.',
  },
})
