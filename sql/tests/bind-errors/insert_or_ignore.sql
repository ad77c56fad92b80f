-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT OR IGNORE INTO /*a*/t/*a*/ SELECT id FROM s;
