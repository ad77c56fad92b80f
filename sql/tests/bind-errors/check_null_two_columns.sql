-- error: ENG_SQL_EXPRESSION at /*a*/
CREATE STREAM x (a INTEGER, b INTEGER, CHECK (/*a*/a < b/*a*/) ON VIOLATION NULL)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
