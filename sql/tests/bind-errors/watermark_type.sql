-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (ts TIMESTAMP, WATERMARK FOR ts AS /*a*/1/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
