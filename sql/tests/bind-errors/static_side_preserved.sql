-- error: ENG_SQL_STATEFUL at /*a*/
CREATE STREAM s (id INTEGER NOT NULL, name VARCHAR, ts TIMESTAMP, items INTEGER[])
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE t LOCATION 'lake/t';
INSERT INTO t /*a*/SELECT c.country, s.id FROM 'data/countries.csv' c LEFT JOIN s ON s.name = c.code/*a*/;
