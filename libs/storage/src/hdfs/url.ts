import { StorageError } from '../port.ts'

export type Parameters = Readonly<Record<string, string | number | undefined>>

/** WebHDFS of one NameNode: `/webhdfs/v1` is the protocol's own prefix. */
export const WEBHDFS_PREFIX = '/webhdfs/v1'

/** Percent-encodes an absolute HDFS path, once: `%` becomes `%25` and `+` `%2B`, so that no server reads a space. */
export function encodedPath(absolute: string): string {
  return absolute.split('/').map(encodeURIComponent).join('/')
}

/** Path and query of a request. */
export function requestTarget(absolute: string, parameters: Parameters): string {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return `${WEBHDFS_PREFIX}${encodedPath(absolute)}?${query.join('&')}`
}

/** Checks and normalises a NameNode's address: scheme, host, port and no more. Throws StorageError `invalid_path`. */
export function namenodeOrigin(text: string): string {
  let url: URL | undefined
  try {
    url = new URL(text)
  } catch {}
  const plain = url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')
  if (url === undefined || !plain || url.username !== '' || url.password !== '' || url.host === '') {
    throw new StorageError('invalid_path', '/', 'a NameNode is written http://host:port or https://host:port')
  }
  return url.origin
}
