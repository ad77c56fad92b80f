import { editDistance } from '../../core/suggest.ts'
import type { Cursor } from './cursor.ts'
import { foreignSpelling, type Place } from './foreign-spellings.ts'

export interface Clause {
  /** The keywords that it starts with. */
  readonly words: readonly string[]
  /** Reads the clause, its keywords included. */
  readonly parse: (cursor: Cursor) => void
}

/** The clauses that were written, rightly or wrongly, by their keywords: `ON ERROR`. */
export type FoundClauses = ReadonlySet<string>

/**
 * Reads clauses to the end of the range. After a mistake goes on at the next clause, so that all mistakes are told at
 * once. `clauses` are in the order of the grammar: an earlier one after a later one is complained of, and read.
 */
export const parseClauses = (cursor: Cursor, place: Place, clauses: readonly Clause[]): FoundClauses => {
  const found = new Set<string>()
  let latest = -1
  while (!cursor.isDone) {
    const index = clauses.findIndex(({ words }) => cursor.at(...words))
    const clause = clauses[index]
    if (clause === undefined) {
      for (let count = complainOfUnknown(cursor, place, clauses, found); count > 0; count--) cursor.skipOne()
      skipToClause(cursor, place, clauses)
      continue
    }
    const name = clause.words.join(' ')
    if (found.has(name)) cursor.complain('ENG_SQL_CLAUSE_DUPLICATE', cursor.peek(), `${name} is given twice.`)
    else if (index < latest) complainOfOrder(cursor, name, clauses[latest]!)
    found.add(name)
    latest = Math.max(latest, index)
    const done = cursor.attempt(() => {
      clause.parse(cursor)
      return true
    })
    if (done === undefined) skipToClause(cursor, place, clauses)
  }
  return found
}

const complainOfOrder = (cursor: Cursor, name: string, later: Clause): void => {
  const message = `${name} stands before ${later.words.join(' ')}.`
  cursor.complain('ENG_SQL_CLAUSE_ORDER', cursor.peek(), message)
}

/** To the next clause, be it misspelt or another system's: that is a mistake of its own, to be told as well. */
const skipToClause = (cursor: Cursor, place: Place, clauses: readonly Clause[]): void => {
  const isClause = (): boolean =>
    clauses.some(({ words }) => cursor.at(...words)) ||
    nearestClause(cursor, clauses) !== undefined ||
    foreignSpelling(cursor, place) !== undefined
  while (!cursor.isDone && !isClause()) cursor.skipOne()
}

/**
 * Complains of what starts no clause, and answers how many tokens that was of. A misspelt clause counts as found, so
 * that it is not called missing as well.
 */
const complainOfUnknown = (cursor: Cursor, place: Place, clauses: readonly Clause[], found: Set<string>): number => {
  const token = cursor.peek()
  const foreign = foreignSpelling(cursor, place)
  if (foreign !== undefined) {
    cursor.complain('ENG_SQL_OTHER_DIALECT', foreign.span, foreign.message, foreign.hint)
    return foreign.words
  }
  const near = nearestClause(cursor, clauses)
  if (near === undefined) {
    const hint = `The clauses are, in this order: ${clauses.map(({ words }) => words.join(' ')).join(', ')}.`
    cursor.complain('ENG_SQL_SYNTAX', token, `${place} has no clause that starts with ${cursor.say(token)}.`, hint)
    return 1
  }
  found.add(near)
  const wrong = near.split(' ').findIndex((word, index) => cursor.peek(index).keyword !== word)
  const misspelt = cursor.peek(Math.max(wrong, 0))
  const message = `${place} has no clause that is spelt with ${cursor.say(misspelt)}.`
  cursor.complain('ENG_SQL_SYNTAX', misspelt, message, `Did you mean ${near}?`)
  return Math.max(wrong, 0) + 1
}

const nearestClause = (cursor: Cursor, clauses: readonly Clause[]): string | undefined => {
  if (cursor.peek().kind !== 'word') return undefined
  const distances = clauses.map(({ words }) => {
    const name = words.join(' ')
    const given = words.map((_, index) => cursor.peek(index).value.toUpperCase()).join(' ')
    const edits_max = name.length <= 4 ? 1 : 2
    return { name, distance: editDistance(given, name, edits_max), edits_max }
  })
  const near = distances.filter((one) => one.distance <= one.edits_max).sort((a, b) => a.distance - b.distance)[0]
  return near?.name ?? clauses.find(({ words }) => cursor.at(words[0]!))?.words.join(' ')
}
