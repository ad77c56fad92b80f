-- error: ENG_SQL_COLUMN_NAME at /*a*/
CREATE STREAM x (/*a*/__row/*a*/ INTEGER)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
