-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (
  /*a*/title/*a*/,
  b VARCHAR
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
