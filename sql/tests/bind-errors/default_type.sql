-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (y INTEGER DEFAULT /*a*/'seven'/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
