-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE TABLE t LOCATION 'lake/t' WITH (row_group_rows = /*a*/0/*a*/);
