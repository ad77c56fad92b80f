-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE TABLE t (a INT) /*a*/USING/*a*/ DELTA LOCATION 'x';
