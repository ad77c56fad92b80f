-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = /*a*/5/*a*/, brokers = 'b')
FORMAT JSON;
