-- error: ENG_SQL_SYNTAX at /*a*/
CREATE JOB j SCHEDULE /*a*/'hourly'/*a*/ AS INSERT INTO t SELECT 1;
