-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (id /*a*/DECIMAL/*a*/(99,1))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
