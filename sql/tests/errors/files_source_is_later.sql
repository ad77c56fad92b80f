-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (a VARCHAR) FROM /*a*/FILES/*a*/ (path = 'x') FORMAT JSON;
