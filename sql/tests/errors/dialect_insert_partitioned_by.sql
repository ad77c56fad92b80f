-- error: ENG_SQL_OTHER_DIALECT at /*a*/
INSERT INTO t SELECT * FROM s /*a*/PARTITIONED BY/*a*/ (date);
