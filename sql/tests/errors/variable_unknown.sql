-- error: ENG_SQL_VARIABLE_UNKNOWN at /*a*/
IMPORT '/*a*/${NOT_SET_ANYWHERE}/*a*/.sql';
