import { didYouMean } from '../../core/suggest.ts'
import type { DescribeNode, ImportNode, SetNode, ShowNode } from '../ast.ts'
import { SETTING_OPTIONS } from '../options.ts'
import type { Cursor } from './cursor.ts'
import { readObjectName } from './names.ts'
import { readOptionValue } from './options.ts'

/**   IMPORT 'path' */
export const readImport = (cursor: Cursor): ImportNode => {
  cursor.expect('IMPORT')
  const { text, span } = cursor.string('the path of a .sql file')
  if (text.trim() === '') cursor.fail('ENG_SQL_SYNTAX', span, 'The path is empty.')
  cursor.expectEnd('IMPORT')
  return { kind: 'import', path: text, span: cursor.spanSince(cursor.from) }
}

/**   SET name = value */
export const readSet = (cursor: Cursor): SetNode => {
  cursor.expect('SET')
  const token = cursor.peek()
  const given = cursor.name('the name of a setting')
  const name = { ...given, name: given.name.toLowerCase() }
  const spec = Object.hasOwn(SETTING_OPTIONS, name.name) ? SETTING_OPTIONS[name.name] : undefined
  if (spec?.later) cursor.fail('ENG_SQL_UNSUPPORTED', token, `SET ${name.name} is not supported yet.`)
  if (spec === undefined) {
    const hint = didYouMean(name.name, Object.keys(SETTING_OPTIONS)) ?? 'SET takes time_zone, memory_limit and limits.'
    cursor.fail('ENG_SQL_OPTION_UNKNOWN', token, `There is no setting ${given.name}.`, hint)
  }
  if (cursor.at('TO'))
    cursor.fail('ENG_SQL_SYNTAX', cursor.peek(), 'SET wants =, not TO.', `Write SET ${name.name} = ….`)
  cursor.expect('=')
  const value = readOptionValue(cursor, name, spec)
  cursor.expectEnd(`the value of ${name.name}`)
  return { kind: 'set', name, value, span: cursor.spanSince(cursor.from) }
}

/**   SHOW STREAMS | TABLES | SINKS | JOBS | BATCHES OF job | DEAD LETTERS OF stream */
export const readShow = (cursor: Cursor): ShowNode => {
  cursor.expect('SHOW')
  const word = cursor.oneOf('what to show', ['STREAMS', 'TABLES', 'SINKS', 'JOBS', 'BATCHES', 'DEAD'])
  if (word === 'DEAD') cursor.expect('LETTERS')
  const what = { STREAMS: 'streams', TABLES: 'tables', SINKS: 'sinks', JOBS: 'jobs' } as const
  if (word !== 'DEAD' && word !== 'BATCHES') {
    cursor.expectEnd(`SHOW ${word}`)
    return { kind: 'show', what: what[word], span: cursor.spanSince(cursor.from) }
  }
  cursor.expect('OF')
  const of = readObjectName(cursor, word === 'DEAD' ? 'the name of a stream' : 'the name of a job')
  cursor.expectEnd(`SHOW … OF ${of.name}`)
  const shown = word === 'DEAD' ? 'dead_letters' : 'batches'
  return { kind: 'show', what: shown, of, span: cursor.spanSince(cursor.from) }
}

/**   DESCRIBE name */
export const readDescribe = (cursor: Cursor): DescribeNode => {
  cursor.expect('DESCRIBE')
  const name = readObjectName(cursor, 'the name of a stream, table or sink')
  cursor.expectEnd(`DESCRIBE ${name.name}`)
  return { kind: 'describe', name, span: cursor.spanSince(cursor.from) }
}
