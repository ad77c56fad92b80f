-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (id /*a*/INTEGR/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
