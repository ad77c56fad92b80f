-- error: ENG_SQL_BRACKETS at /*a*/
SELECT [1, 2/*a*/)/*a*/;
