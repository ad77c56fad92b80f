import type { DuckDBConnection } from '@duckdb/node-api'
import type { JsonValue } from '../core/json.ts'
import { MillraceError } from '../core/errors/index.ts'
import { isJsonNumber, parseJson, printJson } from '../sql/lossless.ts'
import { utf16Position } from '../core/utf16-position.ts'
import type { EngineError, EngineResult, SqlEngine } from './sql-engine-port.ts'

type JsonObject = { readonly [key: string]: JsonValue }

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('isLosslessNumber' in value)

/** 1.5e3 would be printed as 1500.0, which is a DECIMAL: a DOUBLE constant goes as the cast of its digits. */
const castOfDouble = (node: JsonObject): JsonValue | undefined => {
  const { value } = node
  if (node['class'] !== 'CONSTANT' || !isObject(value) || !isObject(value['type'])) return undefined
  const number = value['value']
  if (value['type']['id'] !== 'DOUBLE' || !isJsonNumber(number)) return undefined
  const digits = { ...value, type: { id: 'VARCHAR', type_info: null }, value: number.value }
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias: node['alias'] ?? '',
    child: { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', value: digits },
    cast_type: { id: 'DOUBLE', type_info: null },
    try_cast: false,
  }
}

/** Locations of 2^64−1 mean "none" and cannot be read back, so no location goes to the printer. */
const printable = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(printable)
  if (!isObject(value)) return value
  const cast = castOfDouble(value)
  if (cast !== undefined) return cast
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'query_location')
      .map(([key, child]) => [key, printable(child)]),
  )
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

const engineError = (type: string, message: string, text: string, position: string, shift_bytes = 0): EngineError => {
  const plain = message.replace(/\n\nLINE \d+:[\s\S]*$/, '')
  if (!/^\d+$/.test(position)) return { type, message: plain }
  return { type, message: plain, position: utf16Position(text, Math.max(0, Number(position) - shift_bytes)) }
}

/** Reads the JSON that `errors_as_json` makes of an exception; what is not JSON is taken as the message. */
const thrownError = (thrown: unknown, text: string, shift_bytes = 0): EngineError => {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  try {
    const facts = parseJson(message)
    if (!isObject(facts)) return { type: 'unknown', message }
    const { exception_type, exception_message, position } = facts
    return engineError(
      textOf(exception_type).toLowerCase(),
      textOf(exception_message),
      text,
      textOf(position),
      shift_bytes,
    )
  } catch {
    return { type: 'unknown', message }
  }
}

const DESCRIBE = 'DESCRIBE '

const TOO_MANY: EngineError = { type: 'parser', message: 'exactly one statement may stand here' }

/**
 * What a pruned plan goes through. The passes that look at statistics must stay off: over the empty tables of the
 * scratch database they would conclude that nothing is read at all.
 */
const OPTIMIZERS_KEPT = "('unused_columns')"

const SETTINGS = [
  "SET TimeZone = 'UTC'",
  'SET errors_as_json = true',
  'SET threads = 1',
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET allow_community_extensions = false',
  "SET memory_limit = '256MB'",
] as const

const openConnection = async (): Promise<DuckDBConnection> => {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const setting of SETTINGS) await connection.run(setting)
  const reader = await connection.runAndReadAll(
    `SELECT string_agg(name, ',') FROM duckdb_optimizers() WHERE name NOT IN ${OPTIMIZERS_KEPT}`,
  )
  await connection.run(`SET disabled_optimizers = '${String(reader.getRows()[0]?.[0])}'`)
  return connection
}

class DuckDbSqlEngine implements SqlEngine {
  #connection: Promise<DuckDBConnection> | undefined

  #open(): Promise<DuckDBConnection> {
    this.#connection ??= openConnection()
    return this.#connection
  }

  async #text(sql: string, argument: string): Promise<string> {
    const connection = await this.#open()
    const reader = await connection.runAndReadAll(sql, [argument])
    return String(reader.getRows()[0]?.[0])
  }

  async #serialized(sql: string, text: string, list: string): Promise<EngineResult<readonly JsonValue[]>> {
    let serialized: string
    try {
      serialized = await this.#text(sql, text)
    } catch (thrown) {
      return { ok: false, error: thrownError(thrown, text) }
    }
    let answer: JsonValue
    try {
      answer = parseJson(serialized)
    } catch {
      // The one thing that DuckDB writes and JSON does not know is Infinity.
      return { ok: false, error: { type: 'parser', message: 'a number is outside the range of DOUBLE' } }
    }
    if (!isObject(answer)) return { ok: false, error: { type: 'unknown', message: 'DuckDB gave no object' } }
    if (answer['error'] === true) {
      const { error_type, error_message, position } = answer
      return { ok: false, error: engineError(textOf(error_type), textOf(error_message), text, textOf(position)) }
    }
    const items = answer[list]
    return { ok: true, value: Array.isArray(items) ? items : [] }
  }

  async #one(sql: string, text: string, list: string): Promise<EngineResult<JsonValue>> {
    const result = await this.#serialized(sql, text, list)
    if (!result.ok) return result
    const [first, ...rest] = result.value
    if (first === undefined || rest.length > 0) {
      return { ok: false, error: TOO_MANY }
    }
    return { ok: true, value: first }
  }

  parse(select: string): Promise<EngineResult<JsonValue>> {
    return this.#one('SELECT json_serialize_sql($1::VARCHAR)', select, 'statements')
  }

  async print(ast: JsonValue): Promise<string> {
    const statements = printJson({ error: false, statements: [printable(ast)] })
    try {
      return await this.#text('SELECT json_deserialize_sql($1::JSON)', statements)
    } catch (thrown) {
      const { message } = thrownError(thrown, '')
      throw new MillraceError('ENG_SQL_NOT_PRINTABLE', `DuckDB cannot print this SELECT back: ${message}`)
    }
  }

  async describe(select: string): Promise<EngineResult<readonly { readonly name: string; readonly type: string }[]>> {
    try {
      const connection = await this.#open()
      const extracted = await connection.extractStatements(DESCRIBE + select)
      if (extracted.count !== 1) return { ok: false, error: TOO_MANY }
      const reader = await connection.runAndReadAll(DESCRIBE + select)
      return { ok: true, value: reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) })) }
    } catch (thrown) {
      return { ok: false, error: thrownError(thrown, select, DESCRIBE.length) }
    }
  }

  plan(select: string, options?: { readonly pruned?: boolean }): Promise<EngineResult<JsonValue>> {
    const optimize = options?.pruned === true ? 'true' : 'false'
    return this.#one(`SELECT json_serialize_plan($1::VARCHAR, optimize := ${optimize})`, select, 'plans')
  }

  async execute(sql: string): Promise<EngineResult<undefined>> {
    try {
      const connection = await this.#open()
      const extracted = await connection.extractStatements(sql)
      if (extracted.count !== 1) return { ok: false, error: TOO_MANY }
      await connection.run(sql)
      return { ok: true, value: undefined }
    } catch (thrown) {
      return { ok: false, error: thrownError(thrown, sql) }
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection
    this.#connection = undefined
    connection?.closeSync()
  }
}

/**
 * DuckDB's parser and binder over a scratch database in memory, in UTC, that loads no extension. DuckDB itself is
 * loaded at the first call, so that opening costs nothing. A text with more than one statement is an error, never run.
 */
export const openSqlEngine = async (): Promise<SqlEngine> => new DuckDbSqlEngine()
