-- error: ENG_SQL_INTERVAL at /*a*/
CREATE STREAM s (
  a TIMESTAMP,
  WATERMARK FOR a AS a IDLE AFTER /*a*/INTERVAL '1 month'/*a*/
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
