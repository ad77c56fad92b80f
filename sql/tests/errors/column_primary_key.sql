-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE STREAM s (
  a UUID /*a*/PRIMARY KEY/*a*/
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
