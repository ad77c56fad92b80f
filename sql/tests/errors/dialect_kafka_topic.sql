-- error: ENG_SQL_OTHER_DIALECT at /*a*/
CREATE TABLE t LOCATION 'lake/t' WITH (/*a*/kafka_topic/*a*/ = 't');
