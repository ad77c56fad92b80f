-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM x (id INTEGER, CHECK (/*a*/idd/*a*/ > 0))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
