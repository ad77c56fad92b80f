-- error: ENG_SQL_STATIC_FILE at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t SELECT s.id FROM s JOIN /*a*/read_csv/*a*/('a' || 'b') c ON true;
