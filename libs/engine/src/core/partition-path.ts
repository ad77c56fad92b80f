/**
 * Hive partition paths (`year=2024/month=5`), encoded here and nowhere else, so that no value can leave a table's root.
 *
 * The grammar of one part, `name=value`:
 * - Letters, digits, `_ . -` and everything outside ASCII stand for themselves; any other ASCII character is `%XX`, as
 *   in Hive's and Spark's `escapePathName`. Spark reads `%XX` as a character code and DuckDB as a byte: the two agree
 *   on ASCII only, hence the rest stays as it is.
 * - NULL is `__HIVE_DEFAULT_PARTITION__`. A text that reads so, or that DuckDB reads as NULL (`null`), has its first
 *   character escaped.
 * - The empty text is `~empty`: Spark takes `name=` for a broken path, and writes '' and NULL as one.
 * - An encoded value longer than 200 bytes keeps its head and ends in `~` and a digest. `~` itself is always escaped,
 *   so none of these can meet another. Files carry their partition columns too: the true value is in the file.
 */
export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'
export const EMPTY_PARTITION = '~empty'
export const PARTITION_VALUE_BYTES_MAX = 200

/** Digest of a text as 32 hexadecimal digits; handed in, because pure code has no hash of its own. */
export type Digest = (text: string) => string

export type PartitionValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'value'; readonly value: string }
  /** Too long for a path: only its head is here, the whole is in the files. */
  | { readonly kind: 'shortened'; readonly head: string }

const escaped = (code: number): string => `%${code.toString(16).toUpperCase().padStart(2, '0')}`
const plain = /^[A-Za-z0-9_.-]*$/

const isPlain = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2e ||
  code === 0x2d ||
  code >= 0x80

const utf8Bytes = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4)

/** Encodes until the text ends or `bytes_max` would be passed; a character is kept whole or left out. */
const escapeUpTo = (text: string, bytes_max: number): { readonly encoded: string; readonly whole: boolean } => {
  if (plain.test(text) && text.length <= bytes_max) return { encoded: text, whole: true }
  let encoded = ''
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0)!
    const asItIs = isPlain(point)
    bytes += asItIs ? utf8Bytes(point) : 3
    if (bytes > bytes_max) return { encoded, whole: false }
    encoded += asItIs ? character : escaped(point)
  }
  return { encoded, whole: true }
}

const readsAsNull = (text: string): boolean => text === NULL_PARTITION || text.toLowerCase() === 'null'

/** Encodes one value. Injective as long as `digest` is; never holds a slash, never is `.` or `..`. */
export const encodePartitionValue = (value: string | null, digest: Digest): string => {
  if (value === null) return NULL_PARTITION
  if (value === '') return EMPTY_PARTITION
  if (readsAsNull(value)) return escaped(value.charCodeAt(0)) + value.slice(1)
  if (value === '.' || value === '..') return value.replaceAll('.', '%2E')
  const { encoded, whole } = escapeUpTo(value, PARTITION_VALUE_BYTES_MAX)
  return whole ? encoded : `${encoded}~${digest(value)}`
}

/**
 * The path of one tuple, `name=value` joined by `/`; empty for no columns. Names longer than 200 bytes are shortened
 * too.
 */
export const encodePartitionPath = (
  names: readonly string[],
  values: readonly (string | null)[],
  digest: Digest,
): string =>
  names
    .map(
      (name, index) => `${encodePartitionValue(name, digest)}=${encodePartitionValue(values[index] ?? null, digest)}`,
    )
    .join('/')

const unescaped = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

export const decodePartitionValue = (encoded: string): PartitionValue => {
  if (encoded === NULL_PARTITION) return { kind: 'null' }
  if (encoded === EMPTY_PARTITION) return { kind: 'value', value: '' }
  const tilde = encoded.lastIndexOf('~')
  if (tilde >= 0) return { kind: 'shortened', head: unescaped(encoded.slice(0, tilde)) }
  return { kind: 'value', value: unescaped(encoded) }
}

/** Reads a path back into its columns, in order. */
export const decodePartitionPath = (
  path: string,
): readonly { readonly name: string; readonly value: PartitionValue }[] =>
  path === ''
    ? []
    : path.split('/').map((part) => {
        const equals = part.indexOf('=')
        return { name: unescaped(part.slice(0, equals)), value: decodePartitionValue(part.slice(equals + 1)) }
      })
