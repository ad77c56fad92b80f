-- error: ENG_SQL_PIPELINE at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
CREATE TABLE u LOCATION 'lake/u';
INSERT INTO t SELECT id FROM s EVERY INTERVAL '1 minute';
/*a*/INSERT INTO u SELECT id FROM s EVERY INTERVAL '2 minutes'/*a*/;
