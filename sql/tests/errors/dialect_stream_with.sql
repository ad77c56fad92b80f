-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON
/*a*/WITH/*a*/ (kafka_topic = 't');
