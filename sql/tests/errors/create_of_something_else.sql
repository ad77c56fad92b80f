-- error: ENG_SQL_STATEMENT_UNKNOWN at /*a*/
CREATE /*a*/STREEM/*a*/ s (a INT);
