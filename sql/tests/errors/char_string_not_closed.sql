-- error: ENG_SQL_UNTERMINATED at /*a*/
SELECT 1;
IMPORT /*a*/'/*a*/books.sql;
