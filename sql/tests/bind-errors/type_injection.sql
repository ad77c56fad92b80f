-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (id /*a*/DECIMAL(99,1)/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
