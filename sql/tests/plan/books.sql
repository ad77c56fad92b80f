-- Books from Kafka into a table partitioned by day: one row per <book>, every record exactly once.
--   millrace run sql/books_raw.sql --once
--   millrace run sql/books_raw.sql --set KAFKA=127.0.0.1:9092 --set LAKE=file:///data/lake

CREATE STREAM book_messages (
  record_id         UUID      NOT NULL,
  title             VARCHAR   NOT NULL,
  author_name       VARCHAR   PATH 'author/name',
  author_country    VARCHAR   PATH 'author/country',
  publication_year  INTEGER,
  added             TIMESTAMP NOT NULL,
  CONSTRAINT plausible_year CHECK (publication_year BETWEEN 1450 AND 2100)
)
FROM KAFKA (topic = 'book_data_topic', brokers = '127.0.0.1:9092', start = 'earliest')
FORMAT XML (row = '/library/book')
ON ERROR DEAD LETTER
DEDUPLICATE BY record_id WITHIN INTERVAL '7 days';

CREATE TABLE raw_books LOCATION 'lake/raw/books'
  PARTITION BY (date) WITH (compression = 'snappy', target_file_size = '128MB');

INSERT INTO raw_books
SELECT *, added::DATE AS date FROM book_messages
PARTITION BY date;
