import { didYouMean } from '../core/suggest.ts'
import type { SqlText } from '../sql/ast.ts'
import type { BindContext } from './bind-select.ts'
import { isNode, listOf, queryOf } from './engine-ast.ts'
import { type SqlPlace, spanAt } from './sql-place.ts'

const PREFIX = 'SELECT CAST(NULL AS '

const NAMES = [
  ...[
    'BIGINT',
    'BLOB',
    'BOOLEAN',
    'DATE',
    'DECIMAL',
    'DOUBLE',
    'ENUM',
    'FLOAT',
    'HUGEINT',
    'INTEGER',
    'INTERVAL',
    'JSON',
  ],
  ...[
    'MAP',
    'SMALLINT',
    'STRUCT',
    'TEXT',
    'TIME',
    'TIMESTAMP',
    'TIMESTAMPTZ',
    'TINYINT',
    'UBIGINT',
    'UINTEGER',
    'UUID',
  ],
  'VARCHAR',
]

/** DuckDB's own spelling of a type; undefined, with the reason among the problems, for what is none. */
export const bindType = async (sql: SqlText, { engine, problems }: BindContext): Promise<string | undefined> => {
  const place: SqlPlace = { sql, prefix: PREFIX }
  const text = `${PREFIX}${sql.text}\n)`
  const parsed = await engine.parse(text)
  const item = parsed.ok ? listOf(queryOf(parsed.value)['select_list']) : []
  const from = parsed.ok ? queryOf(parsed.value)['from_table'] : undefined
  const isCast =
    item.length === 1 && isNode(item[0]) && item[0]['class'] === 'CAST' && isNode(from) && from['type'] === 'EMPTY'
  const described = isCast ? await engine.describe(text) : undefined
  if (described?.ok === true) return described.value[0]?.type
  const error = described?.error ?? (parsed.ok ? undefined : parsed.error)
  const known = /^Type with name (\S+) does not exist/.exec(error?.message ?? '')?.[1]
  const message = known === undefined ? `${sql.text} is not a type` : `there is no type ${known}`
  const position = known === undefined ? PREFIX.length : error?.position
  problems.error('ENG_SQL_TYPE', spanAt(place, position), message, didYouMean(known ?? sql.text, NAMES))
  return undefined
}
