-- error: ENG_SQL_UNSUPPORTED at /*a*/
EXPLAIN (/*a*/SPARK/*a*/) SELECT 1;
