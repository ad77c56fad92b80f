-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (
  a VARCHAR PATH /*a*/author/*a*//name
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
