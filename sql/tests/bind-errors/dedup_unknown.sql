-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM x (id INTEGER)
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON DEDUPLICATE BY /*a*/idd/*a*/ WITHIN INTERVAL '1 day';
