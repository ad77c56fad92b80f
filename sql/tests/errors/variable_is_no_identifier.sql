-- error: ENG_SQL_VARIABLE_VALUE at /*a*/
SELECT * FROM /*a*/${T:-a b}/*a*/;
