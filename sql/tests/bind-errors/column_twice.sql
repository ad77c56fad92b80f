-- error: ENG_SQL_COLUMN_DUPLICATE at /*a*/
CREATE STREAM x (id INTEGER, /*a*/ID/*a*/ VARCHAR)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
