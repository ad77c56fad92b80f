-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/ALTER STREAM/*a*/ s ADD CONSTRAINT c CHECK (a > 1);
