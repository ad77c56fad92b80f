-- error: ENG_SQL_EXPRESSION at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t /*a*/SELECT id + $1 AS x FROM s/*a*/;
