-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/PAUSE JOB/*a*/ j;
