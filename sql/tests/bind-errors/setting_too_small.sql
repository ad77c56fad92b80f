-- error: ENG_SQL_SETTING at /*a*/
SET memory_limit = /*a*/'1KB'/*a*/;
