import { storagePath } from '../path.ts'
import { StorageError, type StoragePath } from '../port.ts'

/*
 * location = ("s3" | "s3a") "://" bucket { "/" segment } [ "?" option { "&" option } { "/" segment } ] [ "/" ]
 * option   = "endpoint=" origin | "region=" text | "path_style=" ("true" | "false")
 * Segments are percent-decoded, as in a file URL. They may go on after the options, since '${LAKE}/raw/books' puts them
 * there when LAKE has options; an origin (http://host:port) has no path, so that the two cannot be confused.
 */
export interface S3Location {
  readonly scheme: 's3'
  readonly bucket: string
  /** Of the adapter that holds the table: all segments but the last, without slashes at the ends; may be empty. */
  readonly prefix: string
  readonly endpoint?: string
  readonly region?: string
  readonly pathStyle?: boolean
  /** Names the adapter: equal for tables that one adapter holds. */
  readonly root: string
  /** The table, as a path in that adapter: one segment. */
  readonly name: StoragePath
  /** The canonical text, for messages and for comparing two locations. */
  readonly uri: string
}

const SHAPE = /^s3a?:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?$/i
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/
const OPTIONS: ReadonlySet<string> = new Set(['endpoint', 'region', 'path_style'])

/** Reads an S3 LOCATION. Throws StorageError `invalid_path`, without repeating credentials written into the URL. */
export function parseS3Location(text: string): S3Location {
  const [, bucket = '', before = '', tail = ''] = SHAPE.exec(text) ?? []
  const { query, after } = splitTail(tail)
  const path = before.replace(/\/+$/, '') + after
  if (bucket.includes('@')) throw invalid('s3://…', 'has credentials in it: use the environment or a profile')
  if (!BUCKET.test(bucket)) throw invalid(text, 'has no bucket: write s3://bucket/prefix/table')
  const segments = path
    .replace(/^\/|\/+$/g, '')
    .split('/')
    .map((segment) => decoded(text, segment))
  const name = segments.pop() ?? ''
  if (name === '') throw invalid(text, 'is a whole bucket, which cannot be a table: write s3://bucket/prefix/table')
  for (const segment of [...segments, name]) {
    if (segment === '') throw invalid(text, 'has an empty segment ("//")')
    if (segment.includes('/')) throw invalid(text, 'has a "/" (%2F) within a name')
  }
  const prefix = segments.length === 0 ? '' : storagePath(segments.join('/'))
  const options = readOptions(text, query)
  const encoded = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  const suffix = printOptions(options)
  return Object.freeze({
    scheme: 's3',
    bucket,
    prefix,
    ...options,
    root: `s3://${bucket}${encoded}${suffix}`,
    name: storagePath(name),
    uri: `s3://${bucket}${encoded}/${encodeURIComponent(name)}${suffix}`,
  })
}

/** The first slash that is none of an origin's two ends the options. */
function splitTail(tail: string): { readonly query: string; readonly after: string } {
  const end = tail.replaceAll('://', ':..').indexOf('/')
  return end < 0 ? { query: tail, after: '' } : { query: tail.slice(0, end), after: tail.slice(end) }
}

type Options = Pick<S3Location, 'endpoint' | 'region' | 'pathStyle'>

function readOptions(text: string, query: string): Options {
  const given = new URLSearchParams(query)
  for (const key of given.keys()) {
    if (!OPTIONS.has(key))
      throw invalid(bare(text), `has the unknown option ${quote(key)}; known: endpoint, region, path_style`)
    if (given.getAll(key).length > 1) throw invalid(bare(text), `has the option ${quote(key)} twice`)
  }
  const [endpoint, region, pathStyle] = [given.get('endpoint'), given.get('region'), given.get('path_style')]
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false') {
    throw invalid(bare(text), 'has a path_style that is neither true nor false')
  }
  return {
    ...(endpoint === null ? {} : { endpoint: readEndpoint(text, endpoint) }),
    ...(region === null ? {} : { region }),
    ...(pathStyle === null ? {} : { pathStyle: pathStyle === 'true' }),
  }
}

function readEndpoint(text: string, endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(bare(text), 'has an endpoint that is no URL: write endpoint=https://host:port')
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(bare(text), 'has credentials in its endpoint: use the environment or a profile')
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw invalid(bare(text), 'has an endpoint with a path: write endpoint=https://host:port')
  }
  return url.origin
}

function printOptions({ endpoint, region, pathStyle }: Options): string {
  const printed = [
    ...(endpoint === undefined ? [] : [`endpoint=${endpoint}`]),
    ...(region === undefined ? [] : [`region=${encodeURIComponent(region)}`]),
    ...(pathStyle === undefined ? [] : [`path_style=${pathStyle}`]),
  ]
  return printed.length === 0 ? '' : `?${printed.join('&')}`
}

function decoded(text: string, segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw invalid(text, 'has a "%" that is no percent-encoding: write it as %25', cause)
  }
}

/** Options may hold what somebody took for a place for secrets. */
function bare(text: string): string {
  return text.replace(/\?.*$/s, '')
}

function invalid(text: string, fault: string, cause?: unknown): StorageError {
  return new StorageError('invalid_path', text, `the location ${quote(text)} ${fault}`, cause)
}

function quote(text: string): string {
  return JSON.stringify(text)
}
