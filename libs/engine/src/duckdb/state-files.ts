import { quoteName } from './sql-text.ts'

/** A dedup key column: its name in the stream and its DuckDB type. */
export interface KeyColumn {
  readonly name: string
  readonly type: string
}

/**
 * Types that Parquet gives back exactly as DuckDB wrote them. Others are kept as text: a HUGEINT, for one, would become
 * a DOUBLE.
 */
const EXACT_IN_PARQUET =
  /^(BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|VARCHAR|BLOB|UUID|DATE|TIMESTAMP( WITH TIME ZONE)?|DECIMAL\(\d+,\d+\))$/

const isExact = (key: KeyColumn): boolean => EXACT_IN_PARQUET.test(key.type)

/** Key columns are `k0`, `k1` … in state tables and state files. */
export const stateColumn = (index: number): string => `k${index}`
export const stateColumns = (keys: readonly KeyColumn[]): string => keys.map((_, i) => stateColumn(i)).join(', ')

/** `name AS k0, …`: from the stream's columns to the state's. */
export const asStateColumns = (keys: readonly KeyColumn[]): string =>
  keys.map((key, i) => `${quoteName(key.name)} AS ${stateColumn(i)}`).join(', ')

/** The state's columns as a file stores them. */
export const toFileColumns = (keys: readonly KeyColumn[]): string =>
  keys.map((key, i) => (isExact(key) ? stateColumn(i) : `${stateColumn(i)}::VARCHAR AS ${stateColumn(i)}`)).join(', ')

/** A file's columns as the state holds them. */
export const fromFileColumns = (keys: readonly KeyColumn[]): string =>
  keys
    .map((key, i) => (isExact(key) ? stateColumn(i) : `${stateColumn(i)}::${key.type} AS ${stateColumn(i)}`))
    .join(', ')
