-- error: ENG_SQL_CLAUSE_ORDER at /*a*/
INSERT INTO t SELECT * FROM s EVERY INTERVAL '5 minutes' /*a*/PARTITION/*a*/ BY date;
