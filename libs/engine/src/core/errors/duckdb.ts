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
})
