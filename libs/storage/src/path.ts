import { StorageError, type StoragePath } from './port.ts'

/** Longest path in UTF-8 bytes: the limit of an S3 key, and well below a file system's. */
export const PATH_BYTES_MAX = 1024

/** Longest segment in UTF-8 bytes: the limit of file systems and of HDFS. */
export const SEGMENT_BYTES_MAX = 255

/** Names that adapters give to their own half-made files: never an object's name, never listed. */
const RESERVED_NAME = /^\.millrace-[0-9a-f]{16}\.tmp$|~[0-9a-f]{64}\.staged$/

// `:` is refused by HDFS only, which says so itself; a partition value is percent-encoded long before it comes here.
const FORBIDDEN = /[\\\0]|\p{Surrogate}/u

const utf8 = new TextEncoder()

/** A UTF-16 unit takes at most three bytes of UTF-8, so that most texts need not be encoded to know that they fit. */
const fits = (text: string, bytes_max: number): boolean =>
  text.length * 3 <= bytes_max || utf8.encode(text).length <= bytes_max

/** True for names that only adapters themselves make (temporary and staged files). */
export function isReservedName(name: string): boolean {
  return RESERVED_NAME.test(name)
}

/** Why a segment cannot be part of a path, or undefined. */
export function segmentFault(segment: string): string | undefined {
  if (segment === '') return 'has an empty segment'
  if (segment === '.' || segment === '..') return `has the segment "${segment}"`
  if (FORBIDDEN.test(segment)) return 'has a backslash, a NUL or half of a surrogate pair'
  if (!fits(segment, SEGMENT_BYTES_MAX)) return `has a segment of more than ${SEGMENT_BYTES_MAX} bytes`
  return undefined
}

/**
 * Proves that a text is a path relative to an adapter's root: non-empty segments between `/`, none of them `.` or `..`,
 * no backslash, NUL or lone surrogate, at most 1,024 bytes of UTF-8 (255 per segment), no name reserved by an adapter.
 * Paths are compared and stored as they are: nothing is normalised, NFC and NFD are two paths.
 * Throws StorageError `invalid_path`.
 */
export function storagePath(text: string): StoragePath {
  const fault = pathFault(text)
  if (fault !== undefined) throw new StorageError('invalid_path', text, `the path ${JSON.stringify(text)} ${fault}`)
  return text as StoragePath
}

/** The same test as an answer. */
export function isStoragePath(text: string): text is StoragePath {
  return pathFault(text) === undefined
}

function pathFault(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (text.startsWith('/')) return 'is absolute'
  if (!fits(text, PATH_BYTES_MAX)) return `is longer than ${PATH_BYTES_MAX} bytes`
  for (const segment of text.split('/')) {
    const fault = segmentFault(segment)
    if (fault !== undefined) return fault
    if (isReservedName(segment)) return 'has a name that is reserved for temporary files'
  }
  return undefined
}

/** Joins with `/` and validates the whole; a part may hold several segments. Throws StorageError `invalid_path`. */
export function joinPath(...parts: readonly string[]): StoragePath {
  return storagePath(parts.join('/'))
}

/** The order of every listing: by UTF-8 bytes, which is by code point (JavaScript's own order is by UTF-16 unit). */
export function comparePaths(left: string, right: string): number {
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i += 1) {
    const a = left.charCodeAt(i)
    const b = right.charCodeAt(i)
    if (a !== b) return codePointRank(a) - codePointRank(b)
  }
  return left.length - right.length
}

/** Moves surrogates above the rest of the basic plane, where the code points that they stand for belong. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
