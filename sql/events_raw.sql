-- JSON events from Kafka into a table by day: run with --set KAFKA=host:9092 and --set LAKE=file:///… for real places.
CREATE STREAM event_messages (
  event_id        UUID      NOT NULL,
  user_id         VARCHAR   NOT NULL,
  kind            VARCHAR   NOT NULL,
  event_time      TIMESTAMP NOT NULL PATH '$.at',
  product         VARCHAR,
  quantity        INTEGER,
  amount          DECIMAL(12, 2),
  customer_email  VARCHAR   PATH '$.customer.email',
  customer_city   VARCHAR   PATH '$.customer.city',
  session         UUID,
  mobile          BOOLEAN,
  CONSTRAINT some_quantity CHECK (quantity > 0)
)
FROM KAFKA (topic = 'event_topic', brokers = '${KAFKA:-embedded:.millrace/topics}', start = 'earliest')
FORMAT JSON (row = '$')
ON ERROR DEAD LETTER
DEDUPLICATE BY event_id WITHIN INTERVAL '7 days';

CREATE TABLE raw_events LOCATION '${LAKE:-.millrace/lake}/raw/events'
  PARTITION BY (date) WITH (compression = 'snappy', target_file_size = '128MB');

INSERT INTO raw_events
SELECT *, event_time::DATE AS date FROM event_messages
PARTITION BY date;
