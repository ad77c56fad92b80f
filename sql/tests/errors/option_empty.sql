-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = /*a*/' '/*a*/, brokers = 'b')
FORMAT JSON;
