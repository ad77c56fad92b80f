-- error: ENG_SQL_COLUMN_MISMATCH at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
CREATE TABLE d (id INTEGER, n VARCHAR) LOCATION 'lake/d';
INSERT INTO d /*a*/SELECT id FROM s/*a*/;
