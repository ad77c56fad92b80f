-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (a VARCHAR) FROM KAFKA (topic = 't', brokers = 'b') FORMAT /*a*/CSV/*a*/ (header = true);
