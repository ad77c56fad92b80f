import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/core/errors/index.ts'
import { queryError } from '../../src/duckdb/query-errors.ts'

describe('what DuckDB says', () => {
  it.each([
    ['Out of Memory Error: could not allocate block of size 256.0 KiB', 'ENG_DUCKDB_OUT_OF_MEMORY'],
    ['IO Error: Could not write file "x": No space left on device', 'ENG_DUCKDB_DISK_FULL'],
    ['IO Error: Cannot open file "x": No such file or directory', 'ENG_DUCKDB_IO'],
    ['Conversion Error: Could not convert string "x" to INT32', 'ENG_DUCKDB_QUERY'],
    ['Invalid Input Error: stop', 'ENG_DUCKDB_QUERY'],
  ])('%s is %s', (message, code) => {
    const error = queryError(new Error(message), 'writing table t')
    expect(error).toMatchObject({ code, message: `writing table t: ${message}` })
  })

  it('is retried when the disk is full, and not when the query is wrong', () => {
    expect(queryError(new Error('IO Error: No space left on device'), 'x').spec.retryable).toBe(true)
    expect(queryError(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), 'x').code).toBe('ENG_DUCKDB_DISK_FULL')
    expect(queryError(new Error('Binder Error: no column'), 'x').spec).not.toHaveProperty('retryable')
  })

  it('leaves coded errors as they are', () => {
    const error = new MillraceError('ENG_DATA_CAST', 'x')
    expect(queryError(error, 'y')).toBe(error)
  })
})
