-- error: ENG_SQL_PIPELINE at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
CREATE STREAM s2 (id INTEGER) FROM KAFKA (topic = 'u', brokers = 'embedded:topics') FORMAT JSON;
INSERT INTO t SELECT id FROM s;
INSERT INTO /*a*/t/*a*/ SELECT id FROM s2;
