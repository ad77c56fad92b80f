-- error: ENG_SQL_EXPRESSION at /*a*/
CREATE STREAM x (id INTEGER, CHECK (id /*a*/IN/*a*/ (SELECT 1)))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
