-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE TABLE t LOCATION 'lake/t' WITH (compression = /*a*/'snapy'/*a*/);
