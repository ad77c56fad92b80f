import { defineErrors } from './registry.ts'

/** Errors in the user's SQL text. All have `fault: 'user'` and a span. */
export const sqlErrors = defineErrors({
  ENG_SQL_SYNTAX: { fault: 'user', summary: 'The statement does not follow the grammar.' },
  ENG_SQL_UNSUPPORTED: { fault: 'user', summary: 'The statement is understood but not supported yet.' },
})
