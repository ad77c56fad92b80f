-- error: ENG_SQL_CLAUSE_DUPLICATE at /*a*/
CREATE STREAM s (
  a TIMESTAMP,
  WATERMARK FOR a AS a - INTERVAL '1 second',
  /*a*/WATERMARK/*a*/ FOR a AS a
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
