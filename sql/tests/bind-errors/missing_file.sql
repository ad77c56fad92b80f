-- error: ENG_SQL_STATIC_FILE at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT s.id FROM s JOIN /*a*/'data/nowhere.csv'/*a*/ c ON s.name = c.code;
