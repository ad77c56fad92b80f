-- error: ENG_SQL_SYNTAX at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b:9092')
FORMAT JSON
REJECT LIMIT /*a*/101/*a*/ PERCENT PER INTERVAL '5 minutes';
