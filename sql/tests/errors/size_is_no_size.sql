-- error: ENG_SQL_OPTION_VALUE at /*a*/
CREATE TABLE t LOCATION 'lake/t' WITH (target_file_size = /*a*/'128 megs'/*a*/);
