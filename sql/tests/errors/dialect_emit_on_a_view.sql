-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE STREAM v AS SELECT a, count(*) FROM s GROUP BY a /*a*/EMIT/*a*/ CHANGES;
