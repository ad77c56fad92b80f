-- error: ENG_SQL_OTHER_DIALECT at /*a*/
SELECT * FROM TUMBLE(TABLE s, /*a*/DESCRIPTOR/*a*/(ts), INTERVAL '1 minute');
