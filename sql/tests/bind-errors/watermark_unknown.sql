-- error: ENG_SQL_COLUMN_UNKNOWN at /*a*/
CREATE STREAM x (ts TIMESTAMP, WATERMARK FOR /*a*/tss/*a*/ AS ts - INTERVAL '1 minute')
FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON ;
