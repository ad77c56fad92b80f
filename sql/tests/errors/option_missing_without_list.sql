-- error: ENG_SQL_OPTION_MISSING at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b')
FORMAT /*a*/XML/*a*/;
