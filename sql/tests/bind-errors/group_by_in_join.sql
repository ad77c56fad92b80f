-- error: ENG_SQL_STATEFUL at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT s.id FROM s JOIN (SELECT /*a*/sum/*a*/(id) AS z FROM s GROUP BY ALL) ON true;
