-- error: ENG_SQL_PATH at /*a*/
CREATE STREAM x (id INTEGER PATH /*a*/'a//b['/*a*/)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT XML (row = '/r') ;
