-- error: ENG_SQL_EXPRESSION at /*a*/
CREATE STREAM x (id INTEGER, /*a*/y INTEGER AS (z + 1)/*a*/, z INTEGER AS (y + 1))
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
