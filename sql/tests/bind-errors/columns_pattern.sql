-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT /*a*/COLUMNS/*a*/('i.*') FROM s;
