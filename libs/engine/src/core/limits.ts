/**
 * Every limit and its default, in one table (protocol.md, section 5). Units go last in a name. A file may set those of
 * `SETTABLE_LIMITS` with `SET name = value`. Passing a limit is a coded error or a coded reject, never a crash.
 */
export const LIMITS = {
  message_bytes_max: 16 * 1024 * 1024,
  record_decompressed_bytes_max: 64 * 1024 * 1024,
  xml_depth_max: 256,
  xml_attributes_max: 1_000,
  xml_attribute_bytes_max: 1024 * 1024,
  xml_text_bytes_max: 16 * 1024 * 1024,
  json_depth_max: 256,
  batch_bytes_max: 32 * 1024 * 1024,
  batch_rows_max: 1_000_000,
  segment_bytes_max: 8 * 1024 * 1024,
  rows_per_message_max: 1_000_000,
  open_partitions_max: 4_096,
  files_per_batch_max: 8_192,
  sql_file_bytes_max: 1024 * 1024,
  sql_expression_depth_max: 200,
  diagnostics_max: 20,
  columns_max: 1_000,
  partition_value_bytes_max: 4_096,
  retries_max: 8,
  retry_delay_ms_max: 30_000,
  fetch_wait_ms_max: 250,
  memory_limit_bytes: 256 * 1024 * 1024,
  dedup_snapshot_versions_max: 64,
  /** How far past the batch's time a record's time may move the watermark (`max_future`). */
  record_time_future_ms_max: 3_600_000,
} as const

export type LimitName = keyof typeof LIMITS
export type Limits = { readonly [K in LimitName]: number }
