-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM x (id INTEGER, y INTEGER AS (/*a*/idd/*a*/ + 1))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
