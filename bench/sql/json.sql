-- The json job of the bench: filter, project, cast, Parquet by day; no deduplication, as the peers that it is held against.
CREATE STREAM event_messages (
  event_id        UUID      NOT NULL,
  user_id         VARCHAR   NOT NULL,
  kind            VARCHAR   NOT NULL,
  event_time      TIMESTAMP NOT NULL PATH '$.at',
  product         VARCHAR,
  quantity        INTEGER   NOT NULL,
  amount          DECIMAL(12, 2),
  customer_city   VARCHAR   PATH '$.customer.city'
)
FROM KAFKA (topic = 'event_topic', brokers = '${KAFKA}', start = 'earliest')
FORMAT JSON (row = '$')
ON ERROR DEAD LETTER;

CREATE TABLE raw_events LOCATION '${LAKE}/raw/events' PARTITION BY (date) WITH (compression = 'snappy');

INSERT INTO raw_events
SELECT *, event_time::DATE AS date FROM event_messages WHERE quantity > 1;
