-- error: ENG_SQL_SYNTAX at /*a*/
INSERT INTO lake/*a*/./*a*/t SELECT * FROM s;
