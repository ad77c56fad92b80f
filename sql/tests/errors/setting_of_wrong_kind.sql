-- error: ENG_SQL_OPTION_VALUE at /*a*/
SET batch_rows_max = /*a*/'many'/*a*/;
