-- error: ENG_SQL_SYNTAX at /*a*/
CREATE TABLE t LOCATION 'lake/t' PARTITION BY (/*a*/year/*a*/(added));
