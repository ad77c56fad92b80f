-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (
  a INTEGER,
  NESTED PATH 'lines/line' /*a*/(/*a*/sku VARCHAR)
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
