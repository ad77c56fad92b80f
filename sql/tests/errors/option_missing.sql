-- error: ENG_SQL_OPTION_MISSING at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA /*a*/(/*a*/topic = 't')
FORMAT JSON;
