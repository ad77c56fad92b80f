-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b')
FORMAT XML (row = '/a', trim = /*a*/'false'/*a*/);
