/** DuckDB's keywords that are no names of columns: `duckdb_keywords()`, categories `reserved` and `type_function`. */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC BOTH CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE DEFAULT
  DEFERRABLE DESC DESCRIBE DISTINCT DO ELSE END EXCEPT FALSE FETCH FOR FOREIGN FROM GROUP HAVING IN INITIALLY INTERSECT
  INTO LAMBDA LATERAL LEADING LIMIT NOT NULL OFFSET ON ONLY OR ORDER PIVOT PIVOT_LONGER PIVOT_WIDER PLACING PRIMARY
  QUALIFY REFERENCES RETURNING SELECT SHOW SOME SUMMARIZE SYMMETRIC TABLE THEN TO TRAILING TRUE UNION UNIQUE UNPIVOT
  USING VARIADIC WHEN WHERE WINDOW WITH
  ANTI ASOF AT AUTHORIZATION BINARY BY COLLATION COLUMNS CONCURRENTLY CROSS FREEZE FULL GENERATED GLOB ILIKE INNER IS
  ISNULL JOIN LEFT LIKE MAP NATURAL NOTNULL OUTER OVERLAPS POSITIONAL RIGHT SEMI SIMILAR STRUCT TABLESAMPLE TRY_CAST
  UNPACK VERBOSE`.split(/\s+/),
)

/** True for a word that cannot be a name without quotes, whatever its case. */
export const isReservedWord = (word: string): boolean => RESERVED_WORDS.has(word.toUpperCase())

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A name as it must be written in SQL: bare where that reads back as the same name, else in double quotes. */
export const quoteIdentifier = (name: string): string =>
  PLAIN_NAME.test(name) && !isReservedWord(name) ? name : quoteName(name)

/** A name in double quotes, always. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string literal that DuckDB reads back as `value`. */
export const quoteString = (value: string): string => `'${value.replaceAll("'", "''")}'`
