-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/REPLAY DEAD LETTERS/*a*/ OF s;
