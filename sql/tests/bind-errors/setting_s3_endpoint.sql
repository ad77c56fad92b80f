-- error: ENG_SQL_SETTING at /*a*/
SET s3_endpoint = /*a*/'https://key:secret@store'/*a*/;
