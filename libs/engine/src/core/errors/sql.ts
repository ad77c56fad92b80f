import { defineErrors } from './registry.ts'

/** Errors in the user's SQL text. All have `fault: 'user'` and a span. */
export const sqlErrors = defineErrors({
  ENG_SQL_SYNTAX: { fault: 'user', summary: 'The statement does not follow the grammar.' },
  ENG_SQL_UNSUPPORTED: { fault: 'user', summary: 'The statement is understood but not supported yet.' },
  ENG_SQL_STATEMENT_UNKNOWN: { fault: 'user', summary: 'The language has no such statement.' },
  ENG_SQL_OTHER_DIALECT: { fault: 'user', summary: 'This is another system’s spelling; the hint names ours.' },
  ENG_SQL_UNTERMINATED: { fault: 'user', summary: 'A string, a quoted name or a comment is not closed.' },
  ENG_SQL_BRACKETS: { fault: 'user', summary: 'A bracket is not closed, or closes nothing.' },
  ENG_SQL_CLAUSE_MISSING: { fault: 'user', summary: 'The statement lacks a clause that it needs.' },
  ENG_SQL_CLAUSE_DUPLICATE: { fault: 'user', summary: 'A clause is given twice.' },
  ENG_SQL_CLAUSE_ORDER: { fault: 'user', summary: 'The clauses are not in the order of the grammar.' },
  ENG_SQL_WORD_UNKNOWN: { fault: 'user', summary: 'The place takes one of a few words, and this is none of them.' },
  ENG_SQL_OPTION_UNKNOWN: { fault: 'user', summary: 'There is no option of this name here.' },
  ENG_SQL_OPTION_MISSING: { fault: 'user', summary: 'A required option is not given.' },
  ENG_SQL_OPTION_DUPLICATE: { fault: 'user', summary: 'An option is given twice.' },
  ENG_SQL_OPTION_VALUE: { fault: 'user', summary: 'The option does not take this value.' },
  ENG_SQL_INTERVAL: {
    fault: 'user',
    summary: 'The text is not an interval of a fixed, positive length.',
    hint: "Write INTERVAL '5 minutes'; units are milliseconds, seconds, minutes, hours, days and weeks.",
  },
  ENG_SQL_VARIABLE_SYNTAX: {
    fault: 'user',
    summary: 'The `${…}` is not a variable.',
    hint: 'Write ${name} or ${name:-default}; in a string, $${ stands for the characters ${ themselves.',
  },
  ENG_SQL_VARIABLE_UNKNOWN: {
    fault: 'user',
    summary: 'The variable has no value and no default.',
    hint: 'Give it with --set name=value, in the environment or in millrace.json, or write ${name:-default}.',
  },
  ENG_SQL_VARIABLE_VALUE: {
    fault: 'user',
    summary: 'Outside a string, a variable may only be an identifier or a number.',
    hint: "Put the ${…} into a string: '${name}'.",
  },
  ENG_SQL_SECRET_PLACE: {
    fault: 'user',
    summary: 'A secret stands where plans, logs and commits would show it.',
    hint: 'A secret may only fill the string of an option that is made for one.',
  },
  ENG_SQL_FILE_TOO_LARGE: { fault: 'user', summary: 'The file is larger than sql_file_bytes_max.' },
  ENG_SQL_TOO_DEEP: { fault: 'user', summary: 'The nesting is deeper than sql_expression_depth_max.' },
})
