-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE STREAM s (
  a INTEGER,
  b INTEGER /*a*/GENERATED/*a*/ ALWAYS AS (a + 1)
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
