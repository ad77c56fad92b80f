SET batch_rows_max = 1000;

CREATE STREAM orders (
  id       BIGINT NOT NULL,
  code     VARCHAR DEFAULT 'DE',
  taken    TIMESTAMP FORMAT '%d/%m/%Y %H:%M',
  total    DECIMAL(12,2),
  cents    BIGINT AS (total * 100),
  unused   VARCHAR,
  NESTED PATH '$.lines[*]' COLUMNS (product VARCHAR PATH '$.p', quantity INTEGER),
  CONSTRAINT any_quantity CHECK (quantity > 0) ON VIOLATION DROP ROW,
  WATERMARK FOR taken AS taken - INTERVAL '5 minutes'
)
FROM KAFKA (topic = 'orders', brokers = 'embedded:topics', start = 'latest')
FORMAT JSON (row = '$.orders[*]')
ON ERROR NULL REJECT LIMIT 1 PERCENT PER INTERVAL '5 minutes'
DEDUPLICATE BY id WITHIN INTERVAL '1 hour';

CREATE STREAM german AS SELECT * FROM orders WHERE code = 'DE';

CREATE TABLE lines LOCATION 'lake/lines' PARTITION BY (country);
CREATE SINK shown INTO CONSOLE (rows_max = 10);

INSERT INTO lines
SELECT o.id, o.taken, o.cents, o.product, c.country, o._timestamp AS sent
FROM german AS g JOIN 'data/countries.csv' AS c USING (code), LATERAL (SELECT g.id, g.taken, g.cents, g.product, now() AS _timestamp) AS o;

INSERT INTO shown SELECT id, _offset, current_date AS today FROM orders EVERY INTERVAL '10 seconds';
