-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/COMPACT TABLE/*a*/ t;
