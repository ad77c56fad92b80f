import { LIMITS } from '../core/limits.ts'

/**
 * Every option of the language, in one table: the parser validates against it and the reference lists it. A `size` is
 * a string such as '128MB' or a number of bytes; `words` are the strings that are allowed.
 */
export interface OptionSpec {
  readonly kind: 'string' | 'number' | 'boolean' | 'interval' | 'size'
  /** One line for the reference. */
  readonly doc: string
  readonly required?: true
  readonly words?: readonly string[]
  /** Whole numbers are wanted of a `number`; this is the smallest. */
  readonly min?: number
  /** True where the value may be a secret: it is then shown nowhere. */
  readonly secret?: true
  /** Understood, but not there yet. */
  readonly later?: true
}

export type OptionTable = Readonly<Record<string, OptionSpec>>

const later = (doc: string, extra: { readonly secret?: true } = {}): OptionSpec => ({
  kind: 'string',
  doc,
  later: true,
  ...extra,
})

const KAFKA: OptionTable = {
  topic: { kind: 'string', required: true, doc: 'The topic to read.' },
  brokers: {
    kind: 'string',
    required: true,
    doc: "host:port entries, separated by commas, or 'embedded:DIR' for a topic log on local disk.",
  },
  start: { kind: 'string', words: ['earliest', 'latest'], doc: 'Where a new pipeline starts. Default earliest.' },
  on_data_loss: {
    kind: 'string',
    words: ['fail', 'skip'],
    doc: 'What to do when the position to read is gone. Default fail.',
  },
  client_id: { kind: 'string', doc: 'The name that brokers see. Default millrace.' },
  group: { kind: 'string', doc: 'Consumer group that positions are written back to, for lag tools only.' },
  max_future: { kind: 'interval', doc: 'A record whose time is later than now by more than this is set aside.' },
  until: later('Where to stop.'),
  topics: later('A list of topics.'),
  topic_pattern: later('A pattern of topic names.'),
  properties: later('A Kafka properties file.'),
  security_protocol: later('PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.'),
  sasl_mechanism: later('PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.'),
  sasl_username: later('User name for SASL.', { secret: true }),
  sasl_password: later('Password for SASL.', { secret: true }),
  ssl_ca: later('File of trusted certificates.'),
  ssl_certificate: later('File of the client’s certificate.'),
  ssl_key: later('File of the client’s key.', { secret: true }),
  ssl_key_password: later('Password of the client’s key.', { secret: true }),
}

const TRIM: OptionSpec = { kind: 'boolean', doc: 'Cut spaces off both ends of a value. Default true for XML only.' }
const EMPTY: OptionSpec = { kind: 'boolean', doc: 'Read an empty text as NULL. Default true for XML only.' }

/** Sources by name; `undefined` for those that are not there yet. */
export const SOURCE_OPTIONS: Readonly<Record<string, OptionTable | undefined>> = {
  KAFKA,
  FILES: undefined,
  SOCKET: undefined,
  RATE: undefined,
  HTTP: undefined,
}

export const FORMAT_OPTIONS: Readonly<Record<string, OptionTable | undefined>> = {
  XML: {
    row: { kind: 'string', required: true, doc: "Path of the elements that are rows, such as '/library/book'." },
    trim: TRIM,
    empty_as_null: EMPTY,
    namespaces: later('Prefixes of XML namespaces.'),
    encoding: later('The encoding of messages that declare none.'),
  },
  JSON: {
    row: { kind: 'string', doc: "Path of the values that are rows, such as '$.items[*]'. Default '$'." },
    trim: TRIM,
    empty_as_null: EMPTY,
  },
  CSV: undefined,
  TEXT: undefined,
  BYTES: undefined,
}

const ROWS_MAX: OptionTable = { rows_max: { kind: 'number', min: 1, doc: 'At most so many rows are kept or shown.' } }

export const SINK_OPTIONS: Readonly<Record<string, OptionTable | undefined>> = {
  CONSOLE: ROWS_MAX,
  MEMORY: ROWS_MAX,
  KAFKA: undefined,
  MONGODB: undefined,
  POSTGRES: undefined,
  WEBHOOK: undefined,
  FILES: undefined,
  MODULE: undefined,
}

export const TABLE_OPTIONS: OptionTable = {
  compression: {
    kind: 'string',
    words: ['snappy', 'zstd', 'gzip', 'uncompressed'],
    doc: 'Compression of the Parquet files. Default snappy.',
  },
  target_file_size: { kind: 'size', doc: 'Size to aim at for one file. Default 128MB.' },
  row_group_rows: { kind: 'number', min: 1, doc: 'Rows of one Parquet row group.' },
  webhdfs_port: { kind: 'number', min: 1, doc: 'Port of WebHDFS on an hdfs:// location. Default 9870.', later: true },
  endpoint: later('Address of an S3-compatible store.'),
  region: later('Region of the bucket.'),
}

/** What SET may set: the limits that a file may move, and a few settings of the session. */
export const SETTING_OPTIONS: OptionTable = {
  time_zone: { kind: 'string', words: ['UTC'], doc: 'Time zone of the session. UTC.' },
  memory_limit: { kind: 'size', doc: 'Memory of the pipeline’s DuckDB session.' },
  s3_endpoint: { kind: 'string', doc: 'Address of an S3-compatible store. Default AWS, or AWS_ENDPOINT_URL_S3.' },
  s3_region: { kind: 'string', doc: 'Region of the buckets. Default AWS_REGION, or us-east-1 at an endpoint.' },
  s3_path_style: { kind: 'boolean', doc: 'The bucket in the path, not in the host. Default true at an endpoint.' },
  webhdfs_user: { kind: 'string', doc: 'user.name for HDFS. Default HADOOP_USER_NAME, or who runs the process.' },
  webhdfs_port: { kind: 'number', min: 1, doc: 'Port of WebHDFS where a location names none. Default 9870.' },
  unbounded_state: { kind: 'string', doc: "'allow' runs queries whose state grows without end.", later: true },
  state_memory_max: { kind: 'size', doc: 'Memory of a pipeline’s state.', later: true },
  ...Object.fromEntries(
    Object.keys(LIMITS)
      .filter((name) => !name.startsWith('sql_') && name !== 'diagnostics_max')
      .map((name) => [name, limitSpec(name)]),
  ),
}

function limitSpec(name: string): OptionSpec {
  const doc = `Limit. Default ${LIMITS[name as keyof typeof LIMITS]}.`
  return /(^|_)bytes(_|$)/.test(name) ? { kind: 'size', doc } : { kind: 'number', min: 1, doc }
}
