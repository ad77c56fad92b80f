-- error: ENG_SQL_OTHER_DIALECT at /*a*/
spark./*a*/readStream/*a*/.format('kafka').load();
