import { defineErrors } from './registry.ts'

/** Errors of the command line and of running pipelines. */
export const runtimeErrors = defineErrors({
  ENG_CLI_USAGE: {
    fault: 'user',
    summary: 'The command line is not understood.',
    hint: 'millrace --help lists the commands, millrace COMMAND --help a command’s options.',
  },
  ENG_CLI_NOT_AVAILABLE: { fault: 'user', summary: 'The option is planned but not built yet.' },
  ENG_CLI_FILE: { fault: 'user', summary: 'The file cannot be read, or there is none to run.' },
  ENG_CLI_NOTHING_FOUND: {
    fault: 'user',
    summary: 'What was asked for does not exist: a pipeline, a table or a stream.',
  },
  ENG_CLI_CACHE_FULL: {
    fault: 'user',
    summary: 'A query reads more of a remote store than the local cache may hold.',
    hint: 'Filter by a partition column, or raise MILLRACE_QUERY_CACHE_MAX (such as 50GB).',
  },
  ENG_RUN_GAVE_UP: { fault: 'environment', summary: 'The pipeline could not go on within --give-up-after.' },
  ENG_RUN_VERIFY_FAILED: {
    fault: 'environment',
    summary: 'The files on storage are not what the commit log says.',
  },
  ENG_RUN_SOURCE_CHANGED: {
    fault: 'user',
    summary: 'The file no longer reads a topic that the committed positions speak of.',
    hint: 'Give the pipeline another name (CREATE JOB …) or another --state to start anew.',
  },
  ENG_RUN_PARTITIONS_CHANGED: {
    fault: 'user',
    summary: 'A table that was written so far is to be partitioned by other columns.',
    hint: 'Readers find no table in folders of two kinds: give the table another LOCATION and name, or the old PARTITION BY.',
  },
  ENG_RUN_COLUMNS_CHANGED: {
    fault: 'user',
    summary: 'A column of a table that was written so far is to get another type, or to go.',
    hint: 'Add columns as you like, but keep those there are: restore the old column, or give the table another name and LOCATION.',
  },
  ENG_BUG: {
    fault: 'bug',
    summary: 'Millrace broke one of its own assertions.',
    hint: 'Please report it with the message and the stack.',
  },
})
