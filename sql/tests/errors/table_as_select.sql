-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE TABLE t LOCATION 'lake/t' /*a*/AS/*a*/ SELECT 1;
