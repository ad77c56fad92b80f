-- error: ENG_SQL_WORD_UNKNOWN at /*a*/
CREATE STREAM s (
  a INTEGER,
  CHECK (a > 1) ON VIOLATION /*a*/IGNORE/*a*/
)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON;
