-- error: ENG_SQL_CLAUSE_ORDER at /*a*/
CREATE STREAM s (a VARCHAR)
FORMAT JSON
/*a*/FROM/*a*/ KAFKA (topic = 't', brokers = 'b');
