-- error: ENG_SQL_SYNTAX at /*a*/
-- error: ENG_SQL_INTERVAL at /*b*/
-- error: ENG_SQL_OPTION_UNKNOWN at /*c*/
-- error: ENG_SQL_OPTION_VALUE at /*d*/
-- error: ENG_SQL_SYNTAX at /*e*/
-- error: ENG_SQL_OTHER_DIALECT at /*f*/
-- error: ENG_SQL_UNSUPPORTED at /*g*/
-- error: ENG_SQL_CLAUSE_MISSING at /*h*/
CREATE STREAM s (
  /*a*/a/*a*/,
  WATERMARK FOR b AS b IDLE AFTER /*b*/INTERVAL '1 year'/*b*/
)
FROM KAFKA (topic = 't', /*c*/borkers/*c*/ = 'b', start = /*d*/'first'/*d*/)
FORMAT JSON
ON /*e*/ERORR/*e*/ DROP
/*f*/PARTITIONED BY/*f*/ (a);

/*g*/ALTER STREAM/*g*/ s DROP CONSTRAINT c;
CREATE TABLE t /*h*/KEY/*h*/ (a);
