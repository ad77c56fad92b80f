import { didYouMean } from '../../core/suggest.ts'
import type { Cursor } from './cursor.ts'
import { foreignSpelling } from './foreign-spellings.ts'

/** Statements of the language that this version does not have yet. */
const LATER: readonly (readonly string[])[] = [
  ['ALTER', 'STREAM'],
  ['RESTART', 'JOB'],
  ['REPLAY', 'DEAD', 'LETTERS'],
  ['PAUSE', 'JOB'],
  ['RESUME', 'JOB'],
  ['COMPACT', 'TABLE'],
  ['VACUUM', 'TABLE'],
  ['RESTORE', 'TABLE'],
  ['CREATE', 'ALERT'],
  ['ADVANCE', 'WATERMARK'],
  ['ASSERT', 'TABLE'],
  ['ASSERT', 'CHANGES'],
  ['ASSERT', 'DEAD', 'LETTERS'],
  ['ASSERT', 'ERROR'],
  ['CRASH'],
]

/** Statements of other SQLs that this language leaves out on purpose. */
const NEVER: ReadonlySet<string> = new Set(
  `ALTER ANALYZE ATTACH BEGIN CALL CHECKPOINT COMMENT COMMIT COPY DELETE DETACH DROP EXECUTE EXPORT GRANT INSTALL LOAD
  PRAGMA PREPARE RESET REVOKE ROLLBACK START SUMMARIZE TRUNCATE UPDATE USE`.split(/\s+/),
)

const FIRST_WORDS = [
  'CREATE',
  'INSERT',
  'IMPORT',
  'SET',
  'SHOW',
  'DESCRIBE',
  'EXPLAIN',
  'SELECT',
  'WITH',
  'FROM',
  'VALUES',
]
const CREATED = ['STREAM', 'TABLE', 'SINK', 'JOB']

/** Complains of what starts no statement of ours: not there yet, another system's, left out, or misspelt. */
export const refuseStatement = (cursor: Cursor): never => {
  const token = cursor.peek()
  const foreign = foreignSpelling(cursor, 'The file')
  if (foreign !== undefined) cursor.fail('ENG_SQL_OTHER_DIALECT', foreign.span, foreign.message, foreign.hint)
  const later = LATER.find((words) => cursor.at(...words))
  if (later !== undefined) {
    const span = cursor.span(token, cursor.peek(later.length - 1))
    cursor.fail('ENG_SQL_UNSUPPORTED', span, `${later.join(' ')} is not supported yet.`)
  }
  refuseReadStream(cursor)
  if (cursor.at('CREATE')) refuseCreate(cursor)
  if (NEVER.has(token.keyword)) {
    const hint = token.keyword === 'DROP' ? 'The file is the truth: take the definition out of it.' : undefined
    cursor.fail('ENG_SQL_STATEMENT_UNKNOWN', token, `The language has no ${token.keyword}.`, hint)
  }
  const hint = token.kind === 'word' ? didYouMean(token.value, FIRST_WORDS) : undefined
  const list = `Statements start with ${FIRST_WORDS.join(', ')}.`
  return cursor.fail('ENG_SQL_SYNTAX', token, `No statement starts with ${cursor.say(token)}.`, hint ?? list)
}

/** Program text of Spark's, such as `spark.readStream.format("kafka")`. */
const refuseReadStream = (cursor: Cursor): void => {
  for (let ahead = 0; ahead < 8; ahead++) {
    const token = cursor.peek(ahead)
    if (token.keyword !== 'READSTREAM') continue
    const hint = 'Write CREATE STREAM name (columns) FROM KAFKA (…) FORMAT ….'
    cursor.fail('ENG_SQL_OTHER_DIALECT', token, 'readStream is a spelling of Spark’s programs.', hint)
  }
}

const refuseCreate = (cursor: Cursor): never => {
  const created = cursor.at('CREATE', 'OR', 'REPLACE') ? cursor.peek(3) : cursor.peek(1)
  const hint = created.kind === 'word' ? didYouMean(created.value, CREATED) : undefined
  const message = `CREATE makes a ${CREATED.join(', ')}, not ${cursor.say(created)}.`
  return cursor.fail('ENG_SQL_STATEMENT_UNKNOWN', created, message, hint)
}
