-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM x (id INTEGER, y INTEGER DEFAULT /*a*/id/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
