-- error: ENG_SQL_TYPE_NOT_STORED at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t /*a*/SELECT id, ts - ts AS gap FROM s/*a*/;
