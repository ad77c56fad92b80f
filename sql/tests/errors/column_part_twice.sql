-- error: ENG_SQL_CLAUSE_DUPLICATE at /*a*/
CREATE STREAM s (
  a INTEGER PATH 'x' /*a*/PATH/*a*/ 'y'
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
