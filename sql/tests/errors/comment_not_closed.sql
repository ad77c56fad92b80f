-- error: ENG_SQL_UNTERMINATED at 2:10
SELECT 2 /* not /* closed */
