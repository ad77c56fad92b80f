-- error: ENG_SQL_INTERVAL at /*a*/
INSERT INTO t SELECT * FROM s EVERY /*a*/INTERVAL '0 seconds'/*a*/;
