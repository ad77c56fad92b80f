-- error: ENG_SQL_STATEMENT_UNKNOWN at /*a*/
/*a*/DROP/*a*/ TABLE t;
