-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE TABLE t (a INT) LOCATION 'x' WITH (/*a*/'connector'/*a*/ = 'kafka');
