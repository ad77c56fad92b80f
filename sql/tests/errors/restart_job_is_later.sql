-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/RESTART JOB/*a*/ j FROM BATCH 12;
