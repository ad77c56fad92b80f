-- error: ENG_SQL_COLUMN_NAME at /*a*/
CREATE STREAM x (/*a*/_offset/*a*/ BIGINT)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
