-- error: ENG_SQL_PARTITION at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
CREATE TABLE p LOCATION 'lake/p' PARTITION BY (name);
INSERT INTO p SELECT id, name FROM s PARTITION BY /*a*/id/*a*/;
