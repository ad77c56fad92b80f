/** DuckDB takes every character past ASCII as a letter, but for the Unicode spaces, which it reads as spaces. */
const UNICODE_SPACES = /[\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/

export const isSpace = (character: string): boolean =>
  character === ' ' ||
  (character >= '\t' && character <= '\r') ||
  (character > '\u007f' && UNICODE_SPACES.test(character))

export const isDigit = (character: string): boolean => character >= '0' && character <= '9'

export const isLetter = (character: string): boolean =>
  (character >= 'a' && character <= 'z') ||
  (character >= 'A' && character <= 'Z') ||
  character === '_' ||
  (character > '\u007f' && !UNICODE_SPACES.test(character))

/** What may follow the first letter of a bare name: DuckDB's `a$b` is one name. */
export const isNamePart = (character: string): boolean => isLetter(character) || isDigit(character) || character === '$'
