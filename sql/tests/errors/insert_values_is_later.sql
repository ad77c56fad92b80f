-- error: ENG_SQL_UNSUPPORTED at /*a*/
INSERT INTO t /*a*/VALUES/*a*/ (1);
