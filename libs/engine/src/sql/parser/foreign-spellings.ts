import type { Span } from '../../core/diagnostics.ts'
import type { Cursor } from './cursor.ts'

/** Where a spelling was met, in the words of the message. */
export type Place =
  | 'CREATE STREAM'
  | 'CREATE TABLE'
  | 'CREATE SINK'
  | 'CREATE JOB'
  | 'INSERT'
  | 'The file'
  | 'The column list'

interface ForeignSpelling {
  readonly words: readonly string[]
  readonly places: readonly Place[]
  readonly from: string
  readonly hint: string
}

const PARTITION_HINT =
  'Write PARTITION BY (column, …) on CREATE TABLE, or PARTITION BY column after the INSERT’s SELECT.'
const CREATE: readonly Place[] = ['CREATE STREAM', 'CREATE TABLE']
const LOCATION_HINT = "Tables are Parquet with a Delta log; say where: LOCATION 'folder or URI'."
const STREAM_HINT = 'Write CREATE STREAM name (columns) FROM KAFKA (…) FORMAT ….'
const VIEW_HINT =
  'Write CREATE STREAM name AS SELECT … for a named query, or CREATE TABLE … and INSERT INTO … SELECT for a kept one.'
const EMIT_HINT = 'Write EMIT FINAL | CHANGES | ALL on the INSERT that reads the stream.'
const KEY_HINT =
  'Write KEY (columns) after the LOCATION of a table; a stream drops repeats with DEDUPLICATE BY … WITHIN ….'

const SPELLINGS: readonly ForeignSpelling[] = [
  { words: ['PARTITIONED', 'BY'], places: [...CREATE, 'INSERT'], from: 'Hive and Spark', hint: PARTITION_HINT },
  { words: ['PARTITION', 'BY'], places: ['CREATE STREAM'], from: 'ksqlDB', hint: PARTITION_HINT },
  { words: ['CLUSTERED', 'BY'], places: CREATE, from: 'Hive and Spark', hint: PARTITION_HINT },
  { words: ['CLUSTER', 'BY'], places: CREATE, from: 'BigQuery and Databricks', hint: PARTITION_HINT },
  { words: ['USING'], places: CREATE, from: 'Spark', hint: LOCATION_HINT },
  { words: ['STORED', 'AS'], places: CREATE, from: 'Hive', hint: LOCATION_HINT },
  { words: ['STORED', 'BY'], places: CREATE, from: 'Hive', hint: LOCATION_HINT },
  {
    words: ['ROW', 'FORMAT'],
    places: CREATE,
    from: 'Hive',
    hint: 'Write FORMAT XML | JSON (options) on CREATE STREAM.',
  },
  { words: ['TBLPROPERTIES'], places: CREATE, from: 'Spark', hint: 'Write WITH (name = value, …) on CREATE TABLE.' },
  { words: ['OPTIONS'], places: CREATE, from: 'Spark', hint: 'Write WITH (name = value, …) on CREATE TABLE.' },
  {
    words: ['WITH', '('],
    places: ['CREATE STREAM'],
    from: 'Flink and ksqlDB',
    hint: "Write FROM KAFKA (topic = '…', brokers = '…') FORMAT XML | JSON (row = '…').",
  },
  { words: ['ENCODE'], places: ['CREATE STREAM'], from: 'RisingWave', hint: 'Write FORMAT XML | JSON (options).' },
  {
    words: ['ROW', 'ENCODE'],
    places: ['CREATE STREAM'],
    from: 'RisingWave',
    hint: 'Write FORMAT XML | JSON (options).',
  },
  { words: ['EMIT'], places: CREATE, from: 'ksqlDB', hint: EMIT_HINT },
  {
    words: ['AS'],
    places: ['CREATE TABLE'],
    from: 'a batch SQL',
    hint: 'Write CREATE TABLE … LOCATION …; INSERT INTO … SELECT ….',
  },
  { words: ['CREATE', 'SOURCE'], places: ['The file'], from: 'RisingWave and Materialize', hint: STREAM_HINT },
  { words: ['CREATE', 'EXTERNAL'], places: ['The file'], from: 'Hive', hint: `Write CREATE TABLE. ${LOCATION_HINT}` },
  { words: ['CREATE', 'STREAMING'], places: ['The file'], from: 'Databricks', hint: VIEW_HINT },
  { words: ['CREATE', 'MATERIALIZED'], places: ['The file'], from: 'other streaming SQLs', hint: VIEW_HINT },
  { words: ['CREATE', 'VIEW'], places: ['The file'], from: 'other SQLs', hint: VIEW_HINT },
  { words: ['CREATE', 'CONNECTION'], places: ['The file'], from: 'Materialize', hint: STREAM_HINT },
  {
    words: ['CREATE', 'TASK'],
    places: ['The file'],
    from: 'Snowflake',
    hint: "Write CREATE JOB name SCHEDULE 'cron' AS INSERT ….",
  },
  {
    words: ['CREATE', 'FLOW'],
    places: ['The file'],
    from: 'other streaming SQLs',
    hint: 'Write INSERT INTO … SELECT ….',
  },
  { words: ['CREATE', 'TEMPORARY'], places: ['The file'], from: 'Flink', hint: STREAM_HINT },
  { words: ['CREATE', 'TEMP'], places: ['The file'], from: 'other SQLs', hint: VIEW_HINT },
  {
    words: ['INSERT', 'OVERWRITE'],
    places: ['The file'],
    from: 'Hive and Spark',
    hint: 'Write INSERT OR REPLACE INTO a table that has a KEY.',
  },
  {
    words: ['UPSERT'],
    places: ['The file'],
    from: 'other SQLs',
    hint: 'Write INSERT OR REPLACE INTO a table that has a KEY.',
  },
  {
    words: ['MERGE'],
    places: ['The file'],
    from: 'Delta Lake',
    hint: 'Write INSERT OR REPLACE INTO a table that has a KEY.',
  },
  {
    words: ['EXECUTE', 'STATEMENT'],
    places: ['The file'],
    from: 'Flink',
    hint: 'INSERTs of one file that read one stream are one pipeline as they are.',
  },
  {
    words: ['BEGIN', 'STATEMENT'],
    places: ['The file'],
    from: 'Flink',
    hint: 'INSERTs of one file that read one stream are one pipeline as they are.',
  },
  { words: ['PRIMARY', 'KEY'], places: ['The column list'], from: 'other SQLs', hint: KEY_HINT },
  { words: ['UNIQUE'], places: ['The column list'], from: 'other SQLs', hint: KEY_HINT },
  { words: ['GENERATED'], places: ['The column list'], from: 'other SQLs', hint: 'Write name TYPE AS (expression).' },
  {
    words: ['METADATA'],
    places: ['The column list'],
    from: 'Flink',
    hint: 'Metadata is always there: _topic, _partition, _offset, _timestamp, _key, _headers, _raw.',
  },
  { words: ['COMMENT'], places: ['The column list'], from: 'Hive and Spark', hint: 'Write a comment: -- text.' },
]

/** The other system's spelling that starts here, if there is one. Consumes nothing. */
export const foreignSpelling = (
  cursor: Cursor,
  place: Place,
): { readonly span: Span; readonly words: number; readonly message: string; readonly hint: string } | undefined => {
  const found = SPELLINGS.find(({ words, places }) => places.includes(place) && cursor.at(...words))
  if (found === undefined) return undefined
  const words = found.words.filter((word) => word !== '(')
  const span = cursor.span(cursor.peek(), cursor.peek(words.length - 1))
  return { span, words: words.length, message: `${words.join(' ')} is a spelling of ${found.from}.`, hint: found.hint }
}
