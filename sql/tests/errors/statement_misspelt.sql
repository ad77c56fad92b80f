-- error: ENG_SQL_SYNTAX at /*a*/
/*a*/CREAT/*a*/ STREAM s;
