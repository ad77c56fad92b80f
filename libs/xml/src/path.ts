/**
 * Paths into an XML message. Grammar (names are XML 1.0 names, `prefix:name` or `name`):
 *
 *     row    := '/' name ('/' name)*  |  '//' name
 *     nested := name ('/' name)*
 *     column := '.' | 'text()' | '@' name | name ('/' name)* ['/' ('@' name | 'text()' | '.')]      optional './' in front
 *
 * A name without a prefix matches elements and attributes by local name; with a prefix it matches the literal
 * qualified name. `//name` matches at any depth outside another row.
 */
export interface XmlName {
  /** The name as written, with its prefix if it has one. */
  readonly name: string
  readonly qualified: boolean
}

export interface XmlRowPath {
  readonly anywhere: boolean
  readonly steps: readonly XmlName[]
}

/** `value`: all text below the element (XPath's string value); `text`: its own text; `attribute`: one attribute. */
export type XmlTake =
  | { readonly kind: 'value' }
  | { readonly kind: 'text' }
  | { readonly kind: 'attribute'; readonly name: XmlName }

export interface XmlColumnPath {
  readonly steps: readonly XmlName[]
  readonly take: XmlTake
}

export type PathResult<T> =
  | { readonly kind: 'path'; readonly path: T }
  | { readonly kind: 'error'; readonly message: string }

// XML 1.0 (5th edition), productions [4] and [4a].
const START =
  'A-Za-z_\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
const NC_NAME = `[${START}][${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*`
const NAME = new RegExp(`^(?:${NC_NAME}:)?${NC_NAME}$`, 'u')

const STEPS_MAX = 255

const error = (message: string): { readonly kind: 'error'; readonly message: string } => ({ kind: 'error', message })

const parseSteps = (text: string, whole: string): PathResult<readonly XmlName[]> => {
  const parts = text.split('/')
  if (parts.length > STEPS_MAX) return error(`path has more than ${STEPS_MAX} steps`)
  const steps: XmlName[] = []
  for (const part of parts) {
    if (part === '') return error(`path '${whole}' has an empty step`)
    if (!NAME.test(part)) return error(`'${part}' in path '${whole}' is not an XML name`)
    steps.push({ name: part, qualified: part.includes(':') })
  }
  return { kind: 'path', path: steps }
}

/** Reads a row path: `/library/book` or `//book`. */
export const parseXmlRowPath = (text: string): PathResult<XmlRowPath> => {
  if (!text.startsWith('/')) return error(`row path '${text}' must start with '/', as in '/library/book'`)
  const anywhere = text.startsWith('//')
  const steps = parseSteps(text.slice(anywhere ? 2 : 1), text)
  if (steps.kind === 'error') return steps
  if (anywhere && steps.path.length > 1) return error(`row path '${text}': only one name may follow '//'`)
  return { kind: 'path', path: { anywhere, steps: steps.path } }
}

/** Reads a nested row's path, relative to the row: `lines/line`. */
export const parseXmlNestedPath = (text: string): PathResult<readonly XmlName[]> => {
  if (text.startsWith('/')) return error(`nested path '${text}' is relative to the row: leave out the leading '/'`)
  return parseSteps(text.startsWith('./') ? text.slice(2) : text, text)
}

const lastStep = (last: string): XmlTake | undefined => {
  if (last === '.') return { kind: 'value' }
  if (last === 'text()') return { kind: 'text' }
  if (!last.startsWith('@') || !NAME.test(last.slice(1))) return undefined
  return { kind: 'attribute', name: { name: last.slice(1), qualified: last.includes(':') } }
}

/** Reads a column's path, relative to the row or the nested row: `author/name`, `@id`, `author/@id`, `text()`, `.`. */
export const parseXmlColumnPath = (text: string): PathResult<XmlColumnPath> => {
  if (text.startsWith('/')) return error(`column path '${text}' is relative to the row: leave out the leading '/'`)
  const path = text.startsWith('./') ? text.slice(2) : text
  const slash = path.lastIndexOf('/')
  const take = lastStep(path.slice(slash + 1))
  if (take !== undefined && slash < 0) return { kind: 'path', path: { steps: [], take } }
  const steps = parseSteps(take === undefined ? path : path.slice(0, slash), text)
  if (steps.kind === 'error') return steps
  return { kind: 'path', path: { steps: steps.path, take: take ?? { kind: 'value' } } }
}
