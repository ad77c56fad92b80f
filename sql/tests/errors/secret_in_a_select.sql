-- error: ENG_SQL_SECRET_PLACE at /*a*/
SELECT * FROM t WHERE a = /*a*/'${API_TOKEN:-x}'/*a*/;
