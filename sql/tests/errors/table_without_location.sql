-- error: ENG_SQL_CLAUSE_MISSING at /*a*/
CREATE TABLE t /*a*/PARTITION/*a*/ BY (date);
