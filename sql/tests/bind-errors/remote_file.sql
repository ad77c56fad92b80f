-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT s.id FROM s JOIN /*a*/'https://example.com/a.csv'/*a*/ c ON true;
