import { defineErrors } from './registry.ts'

/** Errors of the DuckDB session at run time. */
export const duckdbErrors = defineErrors({
  ENG_DUCKDB_QUERY: {
    fault: 'user',
    summary: 'DuckDB stopped the query.',
    hint: 'TRY_CAST and TRY(…) turn a failing expression into NULL.',
  },
  ENG_DUCKDB_OUT_OF_MEMORY: {
    fault: 'environment',
    summary: 'The query needs more memory than memory_limit.',
    hint: 'Raise it with SET memory_limit, or make batches smaller with SET batch_bytes_max.',
  },
  ENG_DUCKDB_DISK_FULL: {
    fault: 'environment',
    retryable: true,
    summary: 'The local work folder has no room left.',
    hint: 'Free some room: the run goes on by itself.',
  },
  ENG_DUCKDB_IO: {
    fault: 'environment',
    retryable: true,
    summary: 'A file in the local work folder could not be read or written.',
  },
  ENG_DUCKDB_TOO_MANY_PARTITIONS: {
    fault: 'user',
    summary: 'One batch has more partition values than open_partitions_max.',
    hint: 'Partition by something coarser (a day, not a timestamp), or raise it with SET open_partitions_max.',
  },
  ENG_DUCKDB_STATE_LOST: {
    fault: 'environment',
    retryable: true,
    summary: 'The session’s deduplication state is no longer whole: the session must be built anew from storage.',
  },
  ENG_DUCKDB_WORKER_LOST: {
    fault: 'environment',
    retryable: true,
    summary: 'The thread that runs DuckDB ended before it answered.',
  },
})
