-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT 'grün 🌲' AS c, /*a*/nme/*a*/ FROM s;
