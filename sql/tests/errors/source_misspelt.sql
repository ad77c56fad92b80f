-- error: ENG_SQL_WORD_UNKNOWN at /*a*/
CREATE STREAM s (a VARCHAR) FROM /*a*/KAFKKA/*a*/ (topic = 't', brokers = 'b') FORMAT JSON;
