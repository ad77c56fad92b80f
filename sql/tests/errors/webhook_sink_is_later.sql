-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE SINK s INTO /*a*/WEBHOOK/*a*/ (url = 'x');
