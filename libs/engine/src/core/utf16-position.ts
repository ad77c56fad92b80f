/**
 * DuckDB counts the bytes of UTF-8, a span counts UTF-16 units. Positions inside a character become its start; those
 * past the end become the end.
 */
export const utf16Position = (text: string, bytePosition: number): number => {
  let bytes = 0
  let units = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > bytePosition) return units
    units += character.length
  }
  return units
}
