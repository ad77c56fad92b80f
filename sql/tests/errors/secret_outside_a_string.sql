-- error: ENG_SQL_SECRET_PLACE at /*a*/
SELECT /*a*/${DB_PASSWORD:-x}/*a*/;
