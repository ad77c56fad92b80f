import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HdfsLocation, parseHdfsLocation } from './hdfs/location.ts'
import { storagePath } from './path.ts'
import { StorageError, type StoragePath } from './port.ts'
import { parseS3Location, type S3Location } from './s3/location.ts'

export type { HdfsLocation } from './hdfs/location.ts'
export type { S3Location } from './s3/location.ts'

/** A table's LOCATION, split so that one adapter opened on `root` holds the table (`name`) and what lies beside it. */
export interface FileLocation {
  readonly scheme: 'file'
  /** The absolute folder that holds the table: where the adapter is opened. */
  readonly root: string
  /** The table's folder, as a path in that adapter: one segment. */
  readonly name: StoragePath
  /** The canonical text, for messages and for comparing two locations. */
  readonly uri: string
}

export type Location = FileLocation | S3Location | HdfsLocation

const SCHEME = /^([a-z][a-z0-9+.-]+):\//i
const HDFS_SCHEMES: ReadonlySet<string> = new Set(['webhdfs', 'swebhdfs', 'hdfs'])

/**
 * Reads a LOCATION: a folder (relative ones are taken from `cwd`), `file:///folder`, `s3://bucket/prefix/table` or
 * `webhdfs://namenode:9870/folder/table` (`swebhdfs://`, `hdfs://`). Options may stand in the middle, where
 * '${LAKE}/raw/books' puts those of LAKE. Touches no store. Throws StorageError `invalid_path` for all that cannot be a
 * table's folder.
 */
export function parseLocation(text: string, cwd: string): Location {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return fileLocation(text, resolveFolder(text, cwd))
  if (scheme === 'file') return fileLocation(text, resolveUrl(text))
  if (scheme === 's3' || scheme === 's3a') return parseS3Location(text)
  // No option of an HDFS location has a slash.
  if (HDFS_SCHEMES.has(scheme)) return parseHdfsLocation(text.replace(/\?([^/]*)(\/.*)$/s, '$2?$1'))
  throw invalid(text, `has the unknown scheme ${scheme}://; use a folder, file://, s3://, webhdfs:// or hdfs://`)
}

/** Names the adapter: equal for tables that one adapter holds. */
export function storeOf(location: Location): string {
  return location.scheme === 'hdfs' ? location.uri.replace(/\/[^/?]*(?=\?|$)/, '') : location.root
}

function resolveFolder(text: string, cwd: string): string {
  if (text.trim() === '') throw invalid(text, 'is empty')
  return resolve(cwd, text)
}

function resolveUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw invalid(text, 'is not a URL', cause)
  }
  if (url.search !== '' || url.hash !== '') throw invalid(text, 'has "?" or "#": write them as %3F and %23')
  try {
    return resolve(fileURLToPath(url))
  } catch (cause) {
    throw invalid(text, 'is not a file URL of this machine: write file:///folder', cause)
  }
}

function fileLocation(text: string, folder: string): FileLocation {
  if (folder.includes('\0')) throw invalid(text, 'has a NUL')
  const name = basename(folder)
  if (name === '') throw invalid(text, 'is the root of the file system, which cannot be a table')
  const uri = `file://${folder.split('/').map(encodeURIComponent).join('/')}`
  return Object.freeze({ scheme: 'file', root: dirname(folder), name: storagePath(name), uri })
}

function invalid(text: string, fault: string, cause?: unknown): StorageError {
  return new StorageError('invalid_path', text, `the location ${quote(text)} ${fault}`, cause)
}

function quote(text: string): string {
  return JSON.stringify(text)
}
