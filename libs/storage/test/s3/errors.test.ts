import { describe, expect, it } from 'vitest'
import { StorageError, type StorageErrorKind } from '../../src/port.ts'
import { s3Error, s3Fault, s3WriteError } from '../../src/s3/errors.ts'

/** As the SDK throws an answer of the store. */
const answered = (name: string, status: number, more: object = {}): Error =>
  Object.assign(new Error('said the store'), { name, $metadata: { httpStatusCode: status }, ...more })
/** As Node throws a broken connection. */
const broken = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })

const MEANT: readonly (readonly [Error, StorageErrorKind, 'no' | 'unknown'])[] = [
  [answered('NoSuchKey', 404), 'not_found', 'no'],
  [answered('NotFound', 404), 'not_found', 'no'],
  [answered('NoSuchBucket', 404), 'invalid_path', 'no'],
  [answered('PreconditionFailed', 412), 'exists', 'no'],
  [answered('ConditionalRequestConflict', 409), 'unavailable', 'no'],
  [answered('ObjectParentIsFile', 409), 'invalid_path', 'no'],
  [answered('AccessDenied', 403), 'permission', 'no'],
  [answered('403', 403), 'permission', 'no'],
  [answered('ExpiredToken', 400), 'permission', 'no'],
  [answered('SlowDown', 503), 'throttled', 'no'],
  [answered('Unknown', 429), 'throttled', 'no'],
  [answered('Unknown', 503), 'unavailable', 'unknown'],
  [answered('InternalError', 500), 'unavailable', 'unknown'],
  [answered('InternalError', 200), 'unavailable', 'unknown'],
  [answered('BadDigest', 400), 'corrupt', 'no'],
  [answered('KeyTooLongError', 400), 'invalid_path', 'no'],
  [answered('EntityTooLarge', 400), 'not_supported', 'no'],
  [answered('PermanentRedirect', 301), 'not_supported', 'no'],
  [answered('NotImplemented', 501), 'not_supported', 'no'],
  [answered('Unknown', 507), 'no_space', 'no'],
  [broken('ECONNREFUSED'), 'unavailable', 'no'],
  [broken('ENOTFOUND'), 'unavailable', 'no'],
  [broken('ECONNRESET'), 'unavailable', 'unknown'],
  [broken('EPIPE'), 'unavailable', 'unknown'],
  [Object.assign(new Error('the request socket timed out'), { name: 'TimeoutError' }), 'unavailable', 'unknown'],
  [new SyntaxError('Unexpected end of XML'), 'unavailable', 'unknown'],
]

describe('what S3 says', () => {
  it.each(MEANT)('%s has its meaning', (error, kind, applied) => {
    expect(s3Fault(error)).toMatchObject({ kind, applied })
    expect(s3Error(error, 'a/b', 'read')).toMatchObject({ kind, path: 'a/b' })
    expect(s3WriteError(error, 'a/b', 'create').kind).toBe(applied === 'no' ? kind : 'ambiguous_write')
  })

  it('is told in one line with its code, and without what it repeats of the request', () => {
    const leaky = answered('SignatureDoesNotMatch', 403, {
      StringToSign: 'hush',
      AWSAccessKeyId: 'hush',
      'Token-0': 'hush',
    })
    const error = s3Error(leaky, 'a/b', 'read')
    expect(error.message).toBe('cannot read "a/b": the secret key is wrong (SignatureDoesNotMatch, HTTP 403)')
    expect(JSON.stringify([error, { ...(error.cause as object) }, (error.cause as Error).stack])).not.toContain('hush')
  })

  it("leaves the adapter's own errors as they are", () => {
    const ours = new StorageError('corrupt', 'a', 'other bytes')
    expect(s3Error(ours, 'b', 'read')).toBe(ours)
    expect(s3WriteError(ours, 'b', 'create')).toBe(ours)
  })

  it('is told from what the local disk says', () => {
    expect(s3Error(broken('ENOENT'), 'a', 'stage f for').kind).toBe('not_found')
    expect(s3Error(broken('ENOSPC'), 'a', 'download to f').message).toContain('the disk is full')
  })

  it("names a bucket's region where the store redirects there", () => {
    const moved = answered('PermanentRedirect', 301, { $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } } })
    expect(s3Error(moved, 'a', 'read').message).toContain('the bucket is in the region eu-west-1')
  })
})
