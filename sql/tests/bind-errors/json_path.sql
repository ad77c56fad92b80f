-- error: ENG_SQL_PATH at /*a*/
CREATE STREAM x (id INTEGER PATH /*a*/'$.a[*]'/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
