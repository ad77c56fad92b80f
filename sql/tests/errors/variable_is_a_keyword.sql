-- error: ENG_SQL_VARIABLE_VALUE at /*a*/
SELECT * FROM t WHERE a /*a*/${OP:-or}/*a*/ b;
