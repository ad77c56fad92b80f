import { localError } from '../local/errors.ts'
import { StorageError, type StorageErrorKind } from '../port.ts'

/** Error codes of S3 and its imitators by meaning; what is not here is judged by its HTTP status. */
const KIND_BY_CODE: Readonly<Record<string, StorageErrorKind>> = {
  NoSuchKey: 'not_found',
  // No object can be in it; `not_found` would tell callers that one object is missing.
  NoSuchBucket: 'invalid_path',
  NoSuchUpload: 'not_found',
  NotFound: 'not_found',
  PreconditionFailed: 'exists',
  AccessDenied: 'permission',
  AccountProblem: 'permission',
  AllAccessDisabled: 'permission',
  CredentialsProviderError: 'permission',
  ExpiredToken: 'permission',
  ExpiredTokenException: 'permission',
  InvalidAccessKeyId: 'permission',
  InvalidToken: 'permission',
  RequestTimeTooSkewed: 'permission',
  SignatureDoesNotMatch: 'permission',
  TokenRefreshRequired: 'permission',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequests: 'throttled',
  ConditionalRequestConflict: 'unavailable',
  OperationAborted: 'unavailable',
  RequestTimeout: 'unavailable',
  QuotaExceeded: 'no_space',
  XMinioStorageFull: 'no_space',
  ExistingObjectIsDirectory: 'invalid_path',
  InvalidObjectName: 'invalid_path',
  InvalidURI: 'invalid_path',
  KeyTooLongError: 'invalid_path',
  ObjectExistsAsDirectory: 'invalid_path',
  ObjectParentIsFile: 'invalid_path',
  XMinioInvalidObjectName: 'invalid_path',
  XMinioParentIsObject: 'invalid_path',
  BadDigest: 'corrupt',
  InvalidPart: 'corrupt',
  InvalidPartOrder: 'corrupt',
  EntityTooLarge: 'not_supported',
  MethodNotAllowed: 'not_supported',
  NotImplemented: 'not_supported',
  PermanentRedirect: 'not_supported',
  TemporaryRedirect: 'not_supported',
}

const REASON_BY_CODE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist',
  CredentialsProviderError: 'no credentials were found (environment, profile, container or instance role)',
  ExpiredToken: 'the session token has expired',
  ExpiredTokenException: 'the session token has expired',
  TokenRefreshRequired: 'the session token has expired',
  InvalidToken: 'the session token is not valid',
  InvalidAccessKeyId: 'the store does not know this access key',
  SignatureDoesNotMatch: 'the secret key is wrong',
  RequestTimeTooSkewed: "this machine's clock differs too much from the store's",
  ObjectParentIsFile: 'an object has the name of one of its directories',
}

const REASON: Readonly<Record<StorageErrorKind, string>> = {
  not_found: 'there is no such object',
  exists: 'the name is taken',
  permission: 'the store does not allow it to these credentials',
  throttled: 'the store asks to slow down',
  unavailable: 'the store did not answer as it should',
  no_space: 'the store is full or its quota is used up',
  ambiguous_write: 'the store did not say whether it was written',
  invalid_path: 'the store cannot have this key',
  not_supported: 'the store cannot do it',
  corrupt: 'the bytes that arrived are not those that were sent',
  unsafe_store: 'the store ignores conditions',
}

/** Failures before a connection was there: the request was never sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])

export interface S3Fault {
  readonly kind: StorageErrorKind
  /** S3's or the operating system's code; empty where there was none. */
  readonly code: string
  /** 0 where there was no answer. */
  readonly status: number
  /** Whether a write that ended so may have been applied. */
  readonly applied: 'no' | 'unknown'
}

interface SdkError {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly Code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

/**
 * What the SDK threw, by meaning. A refusal (any answer from 300 to 499, and those above that name what is wrong) says
 * that nothing was written; a server's or gateway's own trouble does not.
 */
export function s3Fault(error: unknown): S3Fault {
  if (error instanceof StorageError) return { kind: error.kind, code: '', status: 0, applied: 'no' }
  const thrown = error as SdkError
  // An answer that cannot be parsed has a status here only.
  const status = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode ?? 0
  const code = codeOf(thrown)
  const kind = KIND_BY_CODE[code] ?? kindOfStatus(status)
  const refused = (status >= 300 && status < 500) || (status >= 500 && kind !== 'unavailable') || NEVER_SENT.has(code)
  return { kind, code, status, applied: refused || neverConnected(thrown) ? 'no' : 'unknown' }
}

function codeOf(error: SdkError): string {
  if (typeof error.code === 'string') return error.code
  if (typeof error.Code === 'string') return error.Code
  return error.name === 'Error' ? '' : error.name
}

function neverConnected(error: SdkError): boolean {
  return error.name === 'TimeoutError' && /connect/i.test(error.message) && /establish|connection/i.test(error.message)
}

function kindOfStatus(status: number): StorageErrorKind {
  if (status === 401 || status === 403) return 'permission'
  if (status === 404) return 'not_found'
  if (status === 412) return 'exists'
  if (status === 429) return 'throttled'
  if (status === 507) return 'no_space'
  if (status === 501 || (status >= 300 && status < 500 && status !== 408 && status !== 409)) return 'not_supported'
  return 'unavailable'
}

/**
 * The error by its meaning, with the path as the port's caller knows it. The cause is a copy without what S3 repeats of
 * the request (keys, tokens, strings to sign). Our own errors pass through.
 */
export function s3Error(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error
  const fault = s3Fault(error)
  // Staging and downloads meet the local disk too.
  const local = fault.status === 0 ? localError(error, path, doing) : undefined
  if (local !== undefined && local.kind !== 'unavailable') return local
  return new StorageError(fault.kind, path, messageOf(error, fault, path, doing), causeOf(error as SdkError, fault))
}

/** The same of a write: `ambiguous_write` where it may have been applied. */
export function s3WriteError(error: unknown, path: string, doing: string): StorageError {
  const known = s3Error(error, path, doing)
  if (error instanceof StorageError || s3Fault(error).applied === 'no') return known
  return new StorageError('ambiguous_write', path, `${known.message}; it may have been written`, known.cause)
}

function messageOf(error: unknown, fault: S3Fault, path: string, doing: string): string {
  const said = [fault.code, fault.status === 0 ? '' : `HTTP ${fault.status}`].filter((part) => part !== '').join(', ')
  const reason = redirectReason(error as SdkError, fault) ?? REASON_BY_CODE[fault.code] ?? REASON[fault.kind]
  return `cannot ${doing} ${JSON.stringify(path)}: ${reason}${said === '' ? '' : ` (${said})`}`
}

/** A signed request is never sent on to where an answer points: that may be anybody. */
function redirectReason(error: SdkError, fault: S3Fault): string | undefined {
  if (fault.status < 300 || fault.status >= 400) return undefined
  const region = error.$response?.headers?.['x-amz-bucket-region']
  const advice = region === undefined ? 'check endpoint and region' : `the bucket is in the region ${region}`
  return `the store redirects to another address, which is not followed; ${advice}`
}

function causeOf(error: SdkError, fault: S3Fault): Error {
  const cause = new Error(fault.status === 0 ? error.message : `HTTP ${fault.status}`)
  cause.name = fault.code === '' ? 'Error' : fault.code
  return Object.assign(cause, { requestId: error.$metadata?.requestId })
}
