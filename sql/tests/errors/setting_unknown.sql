-- error: ENG_SQL_OPTION_UNKNOWN at /*a*/
SET /*a*/batch_bytes/*a*/ = '1MB';
