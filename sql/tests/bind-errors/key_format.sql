-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM x (id INTEGER)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') KEY FORMAT /*a*/JSON/*a*/ FORMAT JSON;
