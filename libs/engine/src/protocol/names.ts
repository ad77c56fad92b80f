import { type StoragePath, storagePath } from '@millrace/storage'

/** Bytes that a name may hold as they are. Everything else, and a leading `.` or `_` (hidden from Spark), is %XX. */
const safe = /^[A-Za-z0-9_.-]$/
const encodedLength_max = 100

const percent = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

/** FNV-1a, 64 bits: keeps long names that share a prefix apart. */
const shortHash = (bytes: Uint8Array): string => {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0')
}

/**
 * A user's name (pipeline, stream, table) as one path segment: never empty, hidden, `.` or `..`, at most 100
 * characters, and different for different names.
 */
export const encodeName = (name: string): string => {
  const encoder = new TextEncoder()
  const encoded = [...name]
    .map((char, index) =>
      safe.test(char) && !(index === 0 && (char === '.' || char === '_')) ? char : percent(encoder.encode(char)),
    )
    .join('')
  if (encoded === '') return '%'
  if (encoded.length <= encodedLength_max) return encoded
  const cut = encoded.slice(0, encodedLength_max - 18).replace(/%.?$/, '')
  return `${cut}%~${shortHash(encoder.encode(name))}`
}

/** Joins non-empty parts; throws StorageError `invalid_path` for what is no path. */
export const joinPath = (...parts: readonly string[]): StoragePath =>
  storagePath(parts.filter((part) => part !== '').join('/'))

/** Below a path that is valid already; `name` is made of letters, digits, `.`, `_`, `-` and `/` only. */
export const below = (root: StoragePath, name: string): StoragePath => `${root}/${name}` as StoragePath

/** The folder that holds a path; empty at the store's root. */
export const parentOf = (path: StoragePath): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
