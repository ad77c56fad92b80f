import { StorageError, type StorageErrorKind } from '../port.ts'

/**
 * Java exceptions of Hadoop by meaning; the names are the last part of the class, as WebHDFS sends them
 * (https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html, "Error Responses").
 */
const KIND_BY_EXCEPTION: Readonly<Record<string, StorageErrorKind>> = {
  FileNotFoundException: 'not_found',
  FileAlreadyExistsException: 'exists',
  AccessControlException: 'permission',
  AuthenticationException: 'permission',
  AuthorizationException: 'permission',
  InvalidToken: 'permission',
  SecurityException: 'permission',
  InvalidPathException: 'invalid_path',
  IllegalArgumentException: 'invalid_path',
  ParentNotDirectoryException: 'invalid_path',
  PathIsNotDirectoryException: 'invalid_path',
  PathIsNotEmptyDirectoryException: 'invalid_path',
  PathComponentTooLongException: 'invalid_path',
  FSLimitException$PathComponentTooLongException: 'invalid_path',
  FSLimitException$MaxDirectoryItemsExceededException: 'no_space',
  MaxDirectoryItemsExceededException: 'no_space',
  DSQuotaExceededException: 'no_space',
  NSQuotaExceededException: 'no_space',
  QuotaByStorageTypeExceededException: 'no_space',
  QuotaExceededException: 'no_space',
  UnsupportedOperationException: 'not_supported',
  ServerTooBusyException: 'throttled',
}

/** Said inside of an IOException, which alone means nothing. */
const KIND_BY_TEXT: readonly (readonly [RegExp, StorageErrorKind])[] = [
  [/\(is not a directory\)|must both be directories|is not a directory:/i, 'invalid_path'],
  [/Invalid value for webhdfs parameter "op"/, 'not_supported'],
  [
    /could only be (?:written|replicated) to 0 .*There are [1-9]\d* datanode\(s\) running and (?:no|0) node/,
    'no_space',
  ],
]

/** An error of WebHDFS: `exception` is the Java class, empty where the answer named none or there was no answer. */
export class HdfsError extends StorageError {
  readonly exception: string
  /** True where the server may have done what was asked, or may still do it. */
  readonly uncertain: boolean
  constructor(kind: StorageErrorKind, path: string, message: string, facts: HdfsFacts = {}) {
    super(kind, path, message, facts.cause)
    this.exception = facts.exception ?? ''
    this.uncertain = facts.uncertain ?? false
  }
}

export interface HdfsFacts {
  readonly exception?: string
  readonly uncertain?: boolean
  readonly cause?: unknown
}

/** What was asked, for messages: never holds a token. */
export interface Asked {
  readonly operation: string
  readonly path: string
  readonly host: string
  /** To be struck out of whatever a server says. */
  readonly secret: string | undefined
}

const MESSAGE_CHARS_MAX = 400
const KERBEROS =
  'it wants Kerberos (SPNEGO), which is not supported: give a delegation token, or a gateway that takes one'

/** The error that an answer other than a success means. `body` is the answer's, or the beginning of it. */
export function answerError(asked: Asked, status: number, body: string, challenge: string): HdfsError {
  const remote = remoteException(body)
  if (remote !== undefined) {
    const kind = kindOf(remote.exception, remote.message)
    return new HdfsError(kind, asked.path, sentence(asked, `${remote.exception}: ${remote.message}`), {
      exception: remote.exception,
    })
  }
  if (status === 401) {
    const reason = /negotiate/i.test(challenge) ? KERBEROS : 'it wants authentication (401)'
    return new HdfsError('permission', asked.path, sentence(asked, reason))
  }
  const kind = kindOfStatus(status)
  // Something between us and the server says so: behind it, the server may have done it.
  const uncertain = status < 400 || (status >= 500 && status !== 503)
  return new HdfsError(kind, asked.path, sentence(asked, `status ${status}`), { uncertain })
}

/** The error of a request without a (whole) answer. Only a connection that never came about is certain. */
export function networkError(asked: Asked, cause: unknown): HdfsError {
  const code = codeOf(cause)
  const uncertain = !NEVER_SENT.has(code)
  const reason = code === '' ? 'no answer' : `no answer (${code})`
  return new HdfsError('unavailable', asked.path, sentence(asked, reason), { uncertain, cause })
}

/** True where another NameNode should be asked: this one is not the active one. */
export function isStandby(error: unknown): boolean {
  return error instanceof HdfsError && error.exception === 'StandbyException'
}

export function cannot(operation: string, path: string, reason: string): string {
  return `cannot ${operation} ${JSON.stringify(path)}: ${reason}`
}

const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_MILLRACE_FORBIDDEN_ADDRESS',
  'ERR_MILLRACE_CONNECT_TIMEOUT',
])

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

function kindOf(exception: string, message: string): StorageErrorKind {
  for (const [pattern, kind] of KIND_BY_TEXT) if (pattern.test(message)) return kind
  return KIND_BY_EXCEPTION[exception] ?? 'unavailable'
}

function kindOfStatus(status: number): StorageErrorKind {
  if (status === 429) return 'throttled'
  if (status === 403) return 'permission'
  if (status === 404 || status === 405 || status === 501) return 'not_supported'
  return 'unavailable'
}

function remoteException(body: string): { readonly exception: string; readonly message: string } | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return undefined
  }
  const remote = (parsed as { RemoteException?: { exception?: unknown; message?: unknown } } | null)?.RemoteException
  if (typeof remote?.exception !== 'string') return undefined
  return { exception: remote.exception, message: typeof remote.message === 'string' ? remote.message : '' }
}

function sentence(asked: Asked, reason: string): string {
  // A Java stack may follow the first line.
  const line = reason.split('\n', 1)[0]!.slice(0, MESSAGE_CHARS_MAX)
  const safe = asked.secret === undefined ? line : line.replaceAll(asked.secret, '***')
  return cannot(asked.operation, asked.path, `${asked.host} says: ${safe}`)
}
