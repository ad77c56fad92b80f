-- error: ENG_SQL_VARIABLE_SYNTAX at /*a*/
SELECT '/*a*/${/*a*/1}';
