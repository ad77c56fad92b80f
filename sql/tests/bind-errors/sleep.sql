-- error: ENG_SQL_FUNCTION_REFUSED at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT /*a*/sleep_ms/*a*/(1000) AS x FROM s;
