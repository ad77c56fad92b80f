-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (id INTEGER FORMAT /*a*/'%d'/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
