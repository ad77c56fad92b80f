-- error: ENG_SQL_OTHER_DIALECT at /*a*/
/*a*/CREATE SOURCE/*a*/ s (a INT) WITH (connector = 'kafka');
