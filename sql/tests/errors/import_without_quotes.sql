-- error: ENG_SQL_SYNTAX at /*a*/
IMPORT /*a*/books_raw/*a*/;
