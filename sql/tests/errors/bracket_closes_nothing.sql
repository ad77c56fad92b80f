-- error: ENG_SQL_BRACKETS at /*a*/
INSERT INTO t SELECT (1 + 2)/*a*/)/*a*/ FROM s;
