/** Texts that mutation starts from: every statement and every lexical form at least once. */
export const SQL_CORPUS: readonly string[] = [
  `CREATE STREAM book_messages (record_id UUID NOT NULL, title VARCHAR NOT NULL DEFAULT 'it''s',
    author_name VARCHAR PATH 'author/name', added TIMESTAMP FORMAT '%d/%m/%Y' NOT NULL,
    century INTEGER AS (year(added) // 100),
    NESTED PATH 'lines/line' COLUMNS (sku VARCHAR PATH '@sku', n DECIMAL(10, 2)),
    WATERMARK FOR added AS added - INTERVAL '5 minutes' IDLE AFTER INTERVAL 1 MINUTE,
    CONSTRAINT plausible CHECK (century BETWEEN 14 AND 21) ON VIOLATION DROP ROW, CHECK (title <> '') ON VIOLATION WARN)
  FROM KAFKA (topic = 'book_data_topic', brokers = '\${KAFKA:-embedded:.millrace/topics}', start = 'earliest')
  KEY FORMAT JSON (row = '$') FORMAT XML (row = '/library/book', trim = false) ON ERROR DEAD LETTER
  REJECT LIMIT 1 PERCENT PER INTERVAL '5 minutes' DEDUPLICATE BY (record_id, "Title") WITHIN INTERVAL '7 days';`,
  `CREATE OR REPLACE TABLE raw_books (a UUID NOT NULL, b MAP(VARCHAR, INT[])) LOCATION '\${LAKE:.millrace}/raw'
  PARTITION BY (date) KEY (a) RETAIN INTERVAL '30 days' THEN ARCHIVE TO 's3://b/p'
  WITH (compression = 'snappy', target_file_size = '128MB', row_group_rows = 100_000);`,
  `INSERT OR IGNORE INTO t WITH x AS (SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM s)
  SELECT *, $1, ?, [1, 2][1], {'a': 1e5}, .5, 0x1F, e'\\n\\'', $$a'b$$, $t$ $$ $t$ /* a /* b */ c */ FROM x -- tail
  PARTITION BY date EMIT FINAL LATE INTO late_rows ALLOW LATENESS INTERVAL '1 hour' EVERY INTERVAL '5' MINUTE;`,
  `CREATE JOB hourly SCHEDULE '0 * * * *' AT TIME ZONE 'Europe/Berlin' CATCH UP DEPENDS ON a, b TIMEOUT INTERVAL 1 HOUR
  AS INSERT OR REPLACE INTO t SELECT * FROM STREAM(raw) EMIT ALL;`,
  `CREATE STREAM v AS SELECT emit, late every FROM \${TABLE} late WHERE a = \${N:-5};`,
  `CREATE SINK out INTO CONSOLE (rows_max = 10) KEY (id); CREATE SINK m INTO MEMORY;`,
  `IMPORT 'books_raw.sql'; SET batch_bytes_max = '64MB'; SET time_zone = 'UTC'; SHOW DEAD LETTERS OF s; SHOW JOBS;
  SHOW BATCHES OF hourly; DESCRIBE "my table"; EXPLAIN (SQL) SELECT 1; EXPLAIN INSERT INTO a FROM b; VALUES (1), (2);`,
  `ALTER STREAM s ADD CONSTRAINT c CHECK (a); RESTART JOB j FROM BATCH 3; PAUSE JOB j; COMPACT TABLE t;
  CREATE ALERT a ON JOB j WHEN lag > 1; CREATE SOURCE x; spark.readStream.format('kafka'); CREATE VIEW v AS SELECT 1;`,
  `SELECT 'é日本😀', "ü", 'a\${X:-b}c$\${y}', U&'x' FROM t\u00a0WHERE a IS NOT NULL;`,
]

/** Pieces that mutation splices in: keywords, brackets and literals, whole and broken. */
export const SQL_FRAGMENTS: readonly string[] = [
  ...`CREATE STREAM TABLE SINK JOB AS FROM KAFKA KEY FORMAT JSON XML ON ERROR DEAD LETTER REJECT LIMIT DEDUPLICATE BY
  WITHIN INTERVAL PATH NESTED COLUMNS CONSTRAINT CHECK VIOLATION WATERMARK FOR IDLE AFTER LOCATION PARTITION RETAIN
  THEN ARCHIVE TO WITH INSERT INTO OR REPLACE IGNORE SELECT EMIT FINAL LATE DROP ALLOW LATENESS EVERY EXPLAIN SHOW SET
  NOT NULL DEFAULT CASE END ( ) [ ] { } , ; = . :: * - -- /* */ ' " '' $$ $a$ e' \${ } \${A} '\${A}' \${A:-b} $\${ 5 1e9
  'x' 'not an interval' '7 days' "q" \\ \0 \r\n`.split(/\s+/),
  '\u0000',
  '\ud800',
  '\ufeff',
  '\u2028',
  '('.repeat(300),
  'CASE '.repeat(300),
  '/*'.repeat(200),
  'NOT NULL '.repeat(50),
  ', '.repeat(200),
  '${A}'.repeat(100),
]
