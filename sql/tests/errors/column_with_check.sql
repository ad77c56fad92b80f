-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (
  a INTEGER /*a*/CHECK/*a*/ (a > 1)
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
