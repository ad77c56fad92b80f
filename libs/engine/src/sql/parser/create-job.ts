import type { CreateJobNode, InsertNode } from '../ast.ts'
import { type Clause, parseClauses } from './clauses.ts'
import type { Cursor } from './cursor.ts'
import { readInsert } from './insert.ts'
import { readInterval } from './intervals.ts'
import { readNames, readObjectName } from './names.ts'

/**
 *   CREATE [OR REPLACE] JOB name [SCHEDULE 'cron' [AT TIME ZONE 'zone']] [CATCH UP | SKIP MISSED] [DEPENDS ON jobs]
 *     [TIMEOUT interval] AS insert
 */
export const readCreateJob = (cursor: Cursor, orReplace: boolean): CreateJobNode | undefined => {
  const name = readObjectName(cursor, 'the job’s name')
  const first = cursor.peek()
  const parts: JobParts = {}
  const found = parseClauses(cursor, 'CREATE JOB', jobClauses(parts))
  if (!found.has('AS')) {
    const hint = 'Write AS INSERT INTO … SELECT … at its end.'
    cursor.complain('ENG_SQL_CLAUSE_MISSING', first, 'CREATE JOB needs AS INSERT.', hint)
  }
  const { insert, dependsOn, ...rest } = parts
  if (insert === undefined) return undefined
  return {
    kind: 'create_job',
    orReplace,
    name,
    ...rest,
    dependsOn: dependsOn ?? [],
    insert,
    span: cursor.spanSince(cursor.from),
  }
}

type JobParts = {
  -readonly [K in 'schedule' | 'missed' | 'dependsOn' | 'timeout_ms']?: NonNullable<CreateJobNode[K]>
} & { insert?: InsertNode }

const jobClauses = (parts: JobParts): readonly Clause[] => [
  { words: ['SCHEDULE'], parse: (cursor) => (parts.schedule = readSchedule(cursor)) },
  {
    words: ['CATCH'],
    parse: (cursor) => {
      cursor.expect('CATCH', 'UP')
      parts.missed = 'catch_up'
    },
  },
  {
    words: ['SKIP'],
    parse: (cursor) => {
      if (parts.missed !== undefined) {
        cursor.fail('ENG_SQL_CLAUSE_DUPLICATE', cursor.peek(), 'CATCH UP and SKIP MISSED exclude each other.')
      }
      cursor.expect('SKIP', 'MISSED')
      parts.missed = 'skip'
    },
  },
  {
    words: ['DEPENDS'],
    parse: (cursor) => {
      cursor.expect('DEPENDS', 'ON')
      parts.dependsOn = readNames(cursor, 'the name of a job')
    },
  },
  {
    words: ['TIMEOUT'],
    parse: (cursor) => {
      cursor.expect('TIMEOUT')
      parts.timeout_ms = readInterval(cursor)
    },
  },
  {
    words: ['AS'],
    parse: (cursor) => {
      cursor.expect('AS')
      parts.insert = readInsert(cursor)
    },
  },
]

const readSchedule = (cursor: Cursor): NonNullable<CreateJobNode['schedule']> => {
  const from = cursor.index
  cursor.expect('SCHEDULE')
  const { text: cron, span } = cursor.string("a cron expression such as '0 * * * *'")
  const fields = cron.trim().split(/\s+/)
  if (fields.length < 5 || fields.length > 6 || !fields.every((field) => /^[\w*/,\-?#]+$/.test(field))) {
    const hint = "Five fields: minute, hour, day, month, weekday. Each hour: '0 * * * *'."
    cursor.fail('ENG_SQL_SYNTAX', span, 'This is not a cron expression.', hint)
  }
  if (!cursor.take('AT')) return { cron, span: cursor.spanSince(from) }
  cursor.expect('TIME', 'ZONE')
  const timeZone = cursor.string("a time zone such as 'Europe/Berlin'").text
  return { cron, timeZone, span: cursor.spanSince(from) }
}
