-- error: ENG_SQL_OPTION_DUPLICATE at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b', /*a*/Topic/*a*/ = 'u')
FORMAT JSON;
