-- error: ENG_SQL_UNSUPPORTED at /*a*/
/*a*/CREATE ALERT/*a*/ a ON JOB j WHEN lag > 100000 FOR INTERVAL '5 minutes' NOTIFY WEBHOOK 'x';
