-- error: ENG_SQL_TYPE at /*a*/
CREATE STREAM x (id INTEGER, CHECK (/*a*/id + 1/*a*/))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
