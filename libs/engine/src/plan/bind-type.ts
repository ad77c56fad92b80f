import { didYouMean } from '../core/suggest.ts'
import type { JsonValue } from '../core/json.ts'
import type { EngineResult, SqlEngine } from '../duckdb/sql-engine-port.ts'
import type { SqlText } from '../sql/ast.ts'
import type { BindContext } from './bind-select.ts'
import { isNode, nodesOf, queryOf } from './engine-ast.ts'
import { spanAt } from './sql-place.ts'

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

const isCasts = (ast: JsonValue, count: number): boolean => {
  const query = queryOf(ast)
  const items = nodesOf(query['select_list'])
  const from = query['from_table']
  return (
    items.length === count &&
    items.every((item) => item['class'] === 'CAST') &&
    isNode(from) &&
    from['type'] === 'EMPTY'
  )
}

const describeCasts = async (texts: readonly string[], engine: SqlEngine): Promise<EngineResult<readonly string[]>> => {
  const select = `${PREFIX}${texts.join('\n), CAST(NULL AS ')}\n)`
  const parsed = await engine.parse(select)
  if (!parsed.ok) return parsed
  if (!isCasts(parsed.value, texts.length)) return { ok: false, error: { type: 'parser', message: 'not a type' } }
  const described = await engine.describe(select)
  return described.ok ? { ok: true, value: described.value.map(({ type }) => type) } : described
}

/** DuckDB's own spelling of a type; undefined, with the reason among the problems, for what is none. */
export const bindType = async (sql: SqlText, { engine, problems }: BindContext): Promise<string | undefined> => {
  const described = await describeCasts([sql.text], engine)
  if (described.ok) return described.value[0]
  const known = /^Type with name (\S+) does not exist/.exec(described.error.message)?.[1]
  const [reason] = described.error.message.split('\n')
  const message = known === undefined ? `${sql.text} is not a type: ${reason}` : `there is no type ${known}`
  const position = known === undefined ? PREFIX.length : described.error.position
  const span = spanAt({ sql, prefix: PREFIX }, position)
  problems.error('ENG_SQL_TYPE', span, message, didYouMean(known ?? sql.text, NAMES))
  return undefined
}

/** All at once where all are right, which costs one question instead of many. */
export const bindTypes = async (
  types: readonly SqlText[],
  context: BindContext,
): Promise<readonly (string | undefined)[]> => {
  const together =
    types.length === 0
      ? undefined
      : await describeCasts(
          types.map(({ text }) => text),
          context.engine,
        )
  if (together?.ok === true && together.value.length === types.length) return together.value
  const bound: (string | undefined)[] = []
  for (const type of types) bound.push(await bindType(type, context))
  return bound
}
