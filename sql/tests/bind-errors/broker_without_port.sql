-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE STREAM x (id INTEGER) FROM KAFKA (topic = 't', brokers = /*a*/'localhost'/*a*/) FORMAT JSON;
