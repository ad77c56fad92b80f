-- error: ENG_SQL_SYNTAX at /*a*/
CREATE JOB j SCHEDULE '0 * * * *' AS /*a*/SELECT/*a*/ 1;
