/** The one way that a name gets into SQL text. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Names compare as DuckDB's do: without regard to case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

export const nameKey = (name: string): string => name.toLowerCase()

/** The name among `names` that equals `name` but for case. */
export const findName = <T extends { readonly name: string }>(items: Iterable<T>, name: string): T | undefined => {
  for (const item of items) if (sameName(item.name, name)) return item
  return undefined
}
