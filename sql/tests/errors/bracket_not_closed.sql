-- error: ENG_SQL_BRACKETS at /*a*/
CREATE STREAM s /*a*/(/*a*/
  a VARCHAR
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
