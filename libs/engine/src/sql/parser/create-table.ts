import type { CreateSinkNode, CreateTableNode } from '../ast.ts'
import { SINK_OPTIONS, TABLE_OPTIONS } from '../options.ts'
import { type Clause, parseClauses } from './clauses.ts'
import { readType } from './columns.ts'
import { readConnector } from './create-stream.ts'
import type { Cursor } from './cursor.ts'
import { foreignSpelling } from './foreign-spellings.ts'
import { readInterval } from './intervals.ts'
import { readNames, readObjectName } from './names.ts'
import { readOptions } from './options.ts'

/**
 *   CREATE [OR REPLACE] TABLE name [(name TYPE [NOT NULL], …)] LOCATION 'uri' [PARTITION BY (columns)] [KEY (columns)]
 *     [RETAIN interval [THEN ARCHIVE TO 'uri']] [WITH (options)]
 */
export const readCreateTable = (cursor: Cursor, orReplace: boolean): CreateTableNode | undefined => {
  const name = readObjectName(cursor, 'the table’s name')
  const first = cursor.peek()
  const columns = cursor.at('(') ? cursor.attempt(() => readTableColumns(cursor)) : []
  const parts: TableParts = {}
  const found = parseClauses(cursor, 'CREATE TABLE', tableClauses(parts))
  if (!found.has('LOCATION')) {
    const hint = "Write LOCATION 'folder', 's3://bucket/prefix' or 'webhdfs://host:9870/path'."
    cursor.complain('ENG_SQL_CLAUSE_MISSING', first, 'CREATE TABLE needs LOCATION.', hint)
  }
  if (columns === undefined || parts.location === undefined) return undefined
  return {
    kind: 'create_table',
    orReplace,
    name,
    columns,
    location: parts.location,
    partitionBy: parts.partitionBy ?? [],
    key: parts.key ?? [],
    ...(parts.retain === undefined ? {} : { retain: parts.retain }),
    options: parts.options ?? [],
    span: cursor.spanSince(cursor.from),
  }
}

type Writable<T> = { -readonly [K in keyof T]?: T[K] }
type TableParts = Writable<Pick<CreateTableNode, 'location' | 'partitionBy' | 'key' | 'retain' | 'options'>>

const tableClauses = (parts: TableParts): readonly Clause[] => [
  { words: ['LOCATION'], parse: (cursor) => (parts.location = readLocation(cursor)) },
  {
    words: ['PARTITION', 'BY'],
    parse: (cursor) => {
      cursor.expect('PARTITION', 'BY')
      parts.partitionBy = readNames(cursor, 'a column to partition by')
    },
  },
  {
    words: ['KEY'],
    parse: (cursor) => {
      cursor.expect('KEY')
      parts.key = readNames(cursor, 'a column of the key')
    },
  },
  { words: ['RETAIN'], parse: (cursor) => (parts.retain = readRetain(cursor)) },
  {
    words: ['WITH'],
    parse: (cursor) => {
      cursor.expect('WITH')
      parts.options = readOptions(cursor, 'CREATE TABLE', TABLE_OPTIONS)
    },
  },
]

const readLocation = (cursor: Cursor): CreateTableNode['location'] => {
  cursor.expect('LOCATION')
  const location = cursor.string('a folder or URI')
  if (location.text.trim() !== '') return location
  cursor.fail('ENG_SQL_SYNTAX', location.span, 'The location is empty.')
}

const readRetain = (cursor: Cursor): NonNullable<CreateTableNode['retain']> => {
  const from = cursor.index
  cursor.expect('RETAIN')
  const interval_ms = readInterval(cursor)
  if (!cursor.take('THEN')) return { interval_ms, span: cursor.spanSince(from) }
  cursor.expect('ARCHIVE', 'TO')
  const archiveTo = cursor.string('a folder or URI').text
  return { interval_ms, archiveTo, span: cursor.spanSince(from) }
}

const readTableColumns = (cursor: Cursor): CreateTableNode['columns'] => {
  const columns: CreateTableNode['columns'][number][] = []
  for (const item of cursor.group('the columns').items()) {
    item.attempt(() => {
      const foreign = foreignSpelling(item, 'The column list')
      if (foreign !== undefined) item.fail('ENG_SQL_OTHER_DIALECT', foreign.span, foreign.message, foreign.hint)
      const name = item.name('a column’s name')
      const type = readType(item, name)
      const notNull = item.take('NOT', 'NULL')
      const rest = foreignSpelling(item, 'The column list')
      if (rest !== undefined) item.fail('ENG_SQL_OTHER_DIALECT', rest.span, rest.message, rest.hint)
      if (!item.isDone)
        item.failAt(item.peek(), `A table’s column cannot go on with ${item.say(item.peek())}.`, ['NOT'])
      columns.push({ name, type, notNull })
    })
  }
  return columns
}

/**   CREATE [OR REPLACE] SINK name INTO CONSOLE | MEMORY [(options)] [KEY (columns)] */
export const readCreateSink = (cursor: Cursor, orReplace: boolean): CreateSinkNode | undefined => {
  const name = readObjectName(cursor, 'the sink’s name')
  const first = cursor.peek()
  let sink: ReturnType<typeof readConnector> | undefined
  let key: CreateSinkNode['key'] = []
  const found = parseClauses(cursor, 'CREATE SINK', [
    {
      words: ['INTO'],
      parse: (rest) => {
        rest.expect('INTO')
        sink = readConnector(rest, 'sink', 'INTO', SINK_OPTIONS)
      },
    },
    {
      words: ['KEY'],
      parse: (rest) => {
        rest.expect('KEY')
        key = readNames(rest, 'a column of the key')
      },
    },
  ])
  if (!found.has('INTO')) {
    cursor.complain('ENG_SQL_CLAUSE_MISSING', first, 'CREATE SINK needs INTO.', 'Write INTO CONSOLE or INTO MEMORY.')
  }
  if (sink === undefined) return undefined
  return {
    kind: 'create_sink',
    orReplace,
    name,
    sink: sink.kind,
    options: sink.options,
    key,
    span: cursor.spanSince(cursor.from),
  }
}
