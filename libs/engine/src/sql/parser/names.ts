import type { Identifier } from '../ast.ts'
import type { Cursor } from './cursor.ts'

/** `(a, b)` or `a, b`: one or more names. `stop` says where a list without brackets ends. */
export const readNames = (
  cursor: Cursor,
  what: string,
  stop: (cursor: Cursor) => boolean = () => false,
): readonly Identifier[] => {
  if (cursor.at('(')) {
    const inside = cursor.group(what)
    if (inside.isDone) inside.fail('ENG_SQL_SYNTAX', inside.peek(), `Here ${what} is wanted.`)
    return inside.items().map((item) => {
      const name = readColumnName(item, what)
      item.expectEnd(`the column ${name.name}`)
      return name
    })
  }
  const names = [readColumnName(cursor, what)]
  while (!stop(cursor) && cursor.take(',')) names.push(readColumnName(cursor, what))
  return names
}

/** A column's name; an expression in its place is complained of with what to write instead. */
const readColumnName = (cursor: Cursor, what: string): Identifier => {
  const name = cursor.name(what)
  if (cursor.at('(') || cursor.at(':', ':') || cursor.at('.')) {
    const hint = 'Give the expression a name in the SELECT (expression AS name) and write that name here.'
    cursor.fail('ENG_SQL_SYNTAX', name.span, 'Only names of columns can stand here, no expressions.', hint)
  }
  return name
}

/** The name of a stream, table, sink or job: one part, since there are no schemas. */
export const readObjectName = (cursor: Cursor, what: string): Identifier => {
  const name = cursor.name(what)
  if (cursor.at('.')) {
    const message = 'Names have one part: there are no databases or schemas.'
    cursor.fail('ENG_SQL_SYNTAX', cursor.peek(), message, `Write ${cursor.say(cursor.peek(1))} alone.`)
  }
  return name
}
