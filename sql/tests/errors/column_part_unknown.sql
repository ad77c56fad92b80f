-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (
  a INTEGER NOT NULL /*a*/PAHT/*a*/ 'x'
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
