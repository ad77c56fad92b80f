-- error: ENG_SQL_UNTERMINATED at /*a*/
SELECT /*a*/$x$/*a*/ it's open $$;
