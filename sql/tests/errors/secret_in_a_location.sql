-- error: ENG_SQL_SECRET_PLACE at /*a*/
CREATE TABLE t LOCATION /*a*/'s3://${AWS_SECRET_ACCESS_KEY:-x}@bucket'/*a*/;
