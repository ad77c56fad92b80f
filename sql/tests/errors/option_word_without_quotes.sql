-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b', start = /*a*/earliest/*a*/)
FORMAT JSON;
