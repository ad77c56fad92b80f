-- error: ENG_SQL_SYNTAX at /*a*/
INSERT INTO t /*a*/(/*a*/a, b) SELECT a, b FROM s;
