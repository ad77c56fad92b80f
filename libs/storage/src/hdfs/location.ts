import { storagePath } from '../path.ts'
import { StorageError, type StoragePath } from '../port.ts'

/*
 * location = ("webhdfs" | "swebhdfs" | "hdfs") "://" host [ ":" port ] path [ "?" option { "&" option } [ path ] ]
 * option   = "user=" name | "webhdfs_port=" digits
 * path     = { "/" segment }
 * Segments are percent-decoded. They may go on after the options, since '${LAKE}/raw/books' puts them there when LAKE
 * has options.
 */
export interface HdfsLocation {
  readonly scheme: 'hdfs'
  /** As written: `hdfs` means WebHDFS on the same host. */
  readonly protocol: 'hdfs' | 'webhdfs' | 'swebhdfs'
  /** A NameNode, or a nameservice of HADOOP_CONF_DIR. */
  readonly host: string
  /** As written; of `hdfs://` it is the port of another protocol, and not asked. */
  readonly port: number | undefined
  /** `?webhdfs_port=…`: where WebHDFS is. */
  readonly webhdfsPort: number | undefined
  /** `?user=…` */
  readonly user: string | undefined
  /** The absolute directory that holds the table, not encoded: where the adapter is opened. */
  readonly directory: string
  /** Names the adapter: equal for tables that one adapter holds. */
  readonly root: string
  /** The table's directory, as a path in that adapter: one segment. */
  readonly name: StoragePath
  /** The canonical text, for messages and for comparing two locations. */
  readonly uri: string
}

const OPTIONS: ReadonlySet<string> = new Set(['user', 'webhdfs_port'])

/** Reads a LOCATION in HDFS; touches nothing. Throws StorageError `invalid_path`. */
export function parseHdfsLocation(text: string): HdfsLocation {
  const [, before = '', query = '', after = ''] = /^([^?]*)(?:\?([^/]*)(.*))?$/s.exec(text) ?? []
  const url = urlOf(text, before + after)
  if (url.username !== '' || url.password !== '') throw invalid('hdfs://…', 'has a user in its host: write ?user=name')
  if (url.hostname === '') throw invalid(text, 'names no host: write webhdfs://namenode:9870/directory/table')
  if (url.hash !== '' || url.search !== '') throw invalid(text, 'has "#" or a second "?": write them as %23 and %3F')
  const options = new URLSearchParams(query)
  for (const name of options.keys()) {
    if (!OPTIONS.has(name)) throw invalid(text, `has the unknown option ${name}; known: user, webhdfs_port`)
  }
  const segments = segmentsOf(text, url.pathname)
  const name = segments.pop()
  if (name === undefined) throw invalid(text, 'is the root of HDFS, which cannot be a table')
  const user = options.get('user') ?? ''
  const encoded = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  const origin = `${url.protocol}//${url.host.toLowerCase()}`
  const suffix = options.size === 0 ? '' : `?${options.toString()}`
  return Object.freeze({
    scheme: 'hdfs',
    protocol: url.protocol.slice(0, -1) as HdfsLocation['protocol'],
    host: url.hostname.toLowerCase(),
    port: url.port === '' ? undefined : Number(url.port),
    webhdfsPort: portOf(text, options.get('webhdfs_port')),
    user: user === '' ? undefined : user,
    directory: `/${segments.join('/')}`,
    name: storagePath(name),
    root: `${origin}${encoded}${suffix}`,
    uri: `${origin}${encoded}/${encodeURIComponent(name)}${suffix}`,
  })
}

function urlOf(text: string, plain: string): URL {
  try {
    return new URL(plain)
  } catch (cause) {
    throw invalid(text, 'is not a URL', cause)
  }
}

function segmentsOf(text: string, pathname: string): string[] {
  const segments = pathname.split('/').filter((segment) => segment !== '')
  return segments.map((segment) => {
    let decoded: string
    try {
      decoded = decodeURIComponent(segment)
    } catch (cause) {
      throw invalid(text, 'has a "%" that encodes nothing: write it as %25', cause)
    }
    if (decoded.includes('/')) throw invalid(text, 'has a "/" (%2F) within a name')
    if (decoded.includes(':')) throw invalid(text, 'has ":", which HDFS allows in no name')
    return storagePath(decoded)
  })
}

function portOf(text: string, port: string | null): number | undefined {
  if (port === null) return undefined
  if (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536) return Number(port)
  throw invalid(text, 'has a webhdfs_port that is no port')
}

function invalid(text: string, fault: string, cause?: unknown): StorageError {
  return new StorageError('invalid_path', text, `the location ${JSON.stringify(text)} ${fault}`, cause)
}
