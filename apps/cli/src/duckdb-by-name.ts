/** What the bundle's dynamic imports of DuckDB get: see build.mjs. */
export { DuckDBInstance } from '@duckdb/node-api'
