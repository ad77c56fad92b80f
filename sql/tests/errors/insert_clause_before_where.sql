-- error: ENG_SQL_SYNTAX at /*a*/
INSERT INTO t SELECT * FROM s PARTITION BY date /*a*/WHERE/*a*/ a > 1;
