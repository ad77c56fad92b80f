-- error: ENG_SQL_OPTION_UNKNOWN at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', /*a*/broker/*a*/ = 'b')
FORMAT JSON;
