/** Functions that mean the batch's time. The value is the type that the word has in DuckDB, over UTC. */
export const BATCH_TIME_WORDS: Readonly<Record<string, string>> = {
  now: 'TIMESTAMP WITH TIME ZONE',
  get_current_timestamp: 'TIMESTAMP WITH TIME ZONE',
  transaction_timestamp: 'TIMESTAMP WITH TIME ZONE',
  current_timestamp: 'TIMESTAMP WITH TIME ZONE',
  current_date: 'DATE',
  today: 'DATE',
  current_time: 'TIME WITH TIME ZONE',
  get_current_time: 'TIME WITH TIME ZONE',
  localtimestamp: 'TIMESTAMP',
  current_localtimestamp: 'TIMESTAMP',
  localtime: 'TIME',
  current_localtime: 'TIME',
}

/** Of those, the ones that SQL writes without brackets: they reach us as column references. */
export const BATCH_TIME_BARE: ReadonlySet<string> = new Set([
  'current_timestamp',
  'current_date',
  'current_time',
  'localtimestamp',
  'localtime',
])

export const RANDOM_FUNCTIONS: ReadonlySet<string> = new Set([
  'random',
  'uuid',
  'uuidv4',
  'uuidv7',
  'gen_random_uuid',
  'setseed',
])

/** Scalar functions that look outside the query, wait, or change something. */
export const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_setting',
  'current_transaction_id',
  'currval',
  'getenv',
  'getvariable',
  'nextval',
  'pg_sleep',
  'query',
  'query_table',
  'setseed',
  'sleep_ms',
  'stats',
  'txid_current',
  'which_secret',
  'write_log',
])

/** Table functions whose first argument is a file or a list of files, and the kind of file. */
export const FILE_FUNCTIONS: Readonly<Record<string, 'parquet' | 'csv' | 'json'>> = {
  read_parquet: 'parquet',
  parquet_scan: 'parquet',
  read_csv: 'csv',
  read_csv_auto: 'csv',
  read_json: 'json',
  read_json_auto: 'json',
  read_ndjson: 'json',
  read_ndjson_auto: 'json',
}

/** Table functions that compute from their arguments alone. */
export const PURE_TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'unnest',
  'range',
  'generate_series',
  'json_each',
  'json_tree',
  'repeat',
])

export const WINDOW_TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['tumble', 'hop', 'session'])

/** `FROM 'file.csv'`: what DuckDB reads as a file by its name's end. */
export const looksLikeFile = (name: string): boolean =>
  /\.(parquet|csv|tsv|json|jsonl|ndjson)(\.(gz|zst))?$/i.test(name)
