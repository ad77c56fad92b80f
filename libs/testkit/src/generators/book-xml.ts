export interface Book {
  readonly record_id: string
  readonly title: string
  readonly author: { readonly name: string; readonly country: string }
  /** A number, or in a bad record whatever is no year. */
  readonly publication_year: number | string
  /** ISO 8601, UTC. */
  readonly added: string
}

/**
 * The message as XML: what fast-xml-parser's XMLBuilder writes for `{ library: { book: books } }` with `format: true`
 * (a test compares them), by a template that takes a fraction of its time.
 */
export const booksXml = (books: readonly Book[]): string => {
  let xml = '<library>\n'
  for (const book of books) {
    xml += `  <book>
    <record_id>${book.record_id}</record_id>
    <title>${escapeText(book.title)}</title>
    <author>
      <name>${escapeText(book.author.name)}</name>
      <country>${escapeText(book.author.country)}</country>
    </author>
    <publication_year>${escapeText(String(book.publication_year))}</publication_year>
    <added>${book.added}</added>
  </book>
`
  }
  return `${xml}</library>\n`
}

/** Titles and names come from small pools: each is escaped once. */
const escaped = new Map<string, string>()

const escapeText = (text: string): string => {
  const known = escaped.get(text)
  if (known !== undefined) return known
  const made = text
    .replaceAll('&', '&amp;')
    .replaceAll('>', '&gt;')
    .replaceAll('<', '&lt;')
    .replaceAll("'", '&apos;')
    .replaceAll('"', '&quot;')
  if (escaped.size < 10_000) escaped.set(text, made)
  return made
}
