-- error: ENG_SQL_CLAUSE_MISSING at /*a*/
CREATE STREAM s /*a*/(/*a*/a VARCHAR) FROM KAFKA (topic = 't', brokers = 'b');
