import type { Token } from './token.ts'

/**
 * Cuts a file's tokens into statements at each `;`. Every `;` token counts, in brackets too: no statement has one
 * there, and so a bracket left open spoils one statement and not the rest of the file. Empty statements are left out.
 */
export const splitStatements = (tokens: readonly Token[]): readonly (readonly Token[])[] => {
  const statements: Token[][] = []
  let current: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'end' && token.text !== ';') {
      current.push(token)
      continue
    }
    if (current.length > 0) statements.push(current)
    current = []
  }
  return statements
}
