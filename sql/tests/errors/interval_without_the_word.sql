-- error: ENG_SQL_INTERVAL at /*a*/
INSERT INTO t SELECT * FROM s EVERY /*a*/'5 minutes'/*a*/;
