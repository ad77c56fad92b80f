-- error: ENG_SQL_UNTERMINATED at /*a*/
DESCRIBE /*a*/"/*a*/books;
