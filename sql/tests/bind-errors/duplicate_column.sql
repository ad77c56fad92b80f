-- error: ENG_SQL_COLUMN_DUPLICATE at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t /*a*/SELECT id, name AS id FROM s/*a*/;
