-- error: ENG_SQL_WORD_UNKNOWN at /*a*/
SHOW /*a*/STREAM/*a*/;
