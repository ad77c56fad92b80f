-- error: ENG_SQL_RANDOM at /*a*/
CREATE STREAM x (id INTEGER, CHECK (/*a*/random/*a*/() > 0.5))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
