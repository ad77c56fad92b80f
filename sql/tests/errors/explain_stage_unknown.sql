-- error: ENG_SQL_WORD_UNKNOWN at /*a*/
EXPLAIN (/*a*/PLANN/*a*/) SELECT 1;
