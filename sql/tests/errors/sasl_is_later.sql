-- error: ENG_SQL_UNSUPPORTED at /*a*/
CREATE STREAM s (a VARCHAR)
FROM KAFKA (topic = 't', brokers = 'b', /*a*/sasl_password/*a*/ = '${PASSWORD:-x}')
FORMAT JSON;
