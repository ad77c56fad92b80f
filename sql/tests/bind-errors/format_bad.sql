-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (d DATE FORMAT /*a*/'%Q'/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
